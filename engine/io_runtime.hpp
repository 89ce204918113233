#pragma once

#include <memory>
#include <mutex>

namespace cairn::engine {

/// The `boost::asio::io_context` of awaitable bodies and its one thread, made when the first such body runs.
/// Thread-safe. The destructor ends the thread once no body runs on it.
class IoRuntime {
 public:
  IoRuntime();
  ~IoRuntime();
  IoRuntime(const IoRuntime&) = delete;
  IoRuntime& operator=(const IoRuntime&) = delete;

  /// A `boost::asio::io_context*`. Starts the thread; throws `std::system_error` when there is none to be
  /// had.
  [[nodiscard]] void* context();

 private:
  class Thread;
  std::mutex mutex_;
  std::unique_ptr<Thread> thread_;
};

}  // namespace cairn::engine
