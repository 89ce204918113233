#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <thread>
#include <vector>

namespace cairn::api {

/// Threads that carry out what is posted to their executor, which must not throw.
///
/// As `boost::asio::thread_pool`, which cannot be made where the system has no thread for one of many: it
/// waits for those that it has, which nobody tells to end.
class HandlerThreads {
 public:
  /// Throws `std::system_error`, or `std::bad_alloc`; then there are none.
  explicit HandlerThreads(std::size_t count);
  ~HandlerThreads();
  HandlerThreads(const HandlerThreads&) = delete;
  HandlerThreads& operator=(const HandlerThreads&) = delete;

  [[nodiscard]] boost::asio::io_context::executor_type executor() noexcept { return work_.get_executor(); }
  /// What has not begun will not begin.
  void stop() noexcept { loop_.stop(); }
  /// Waits until all is carried out, or has returned after a `stop`. Once; from any other thread.
  void join() noexcept;

 private:
  boost::asio::io_context loop_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop_.get_executor()};
  std::vector<std::thread> threads_;
};

}  // namespace cairn::api
