#pragma once

#include <functional>
#include <memory>
#include <mutex>

namespace cairn::engine {

/// The `boost::asio::io_context` of awaitable bodies and its one thread, made when the first such body runs.
/// Thread-safe.
class IoRuntime {
 public:
  /// Told what a handler threw, on the loop's thread. Must not throw.
  using Report = std::function<void(const char* error)>;

  explicit IoRuntime(Report report);
  ~IoRuntime();
  IoRuntime(const IoRuntime&) = delete;
  IoRuntime& operator=(const IoRuntime&) = delete;

  /// A `boost::asio::io_context*`. Starts the thread; throws `std::system_error` when there is none to be
  /// had.
  [[nodiscard]] void* context();

  /// Waits until nothing runs on the loop, and ends the thread. No more bodies may come.
  void join();

 private:
  class Thread;
  const Report report_;
  std::mutex mutex_;
  std::unique_ptr<Thread> thread_;
};

}  // namespace cairn::engine
