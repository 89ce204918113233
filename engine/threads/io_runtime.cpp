#include "engine/threads/io_runtime.hpp"

#include <cairn/detail/caught.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <thread>
#include <utility>

namespace cairn::engine {

class IoRuntime::Thread {
 public:
  explicit Thread(const Report& report)
      : work_(boost::asio::make_work_guard(context_)), thread_([this, &report] { run(report); }) {}
  ~Thread() {
    work_.reset();
    thread_.join();
  }
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  boost::asio::io_context& context() { return context_; }

 private:
  // Bodies may post handlers of their own here. One that throws ends itself, and nothing else.
  void run(const Report& report) noexcept {
    for (bool ended = false; !ended;) {
      const auto serve = [&] {
        context_.run();
        ended = true;
      };
      detail::contain(serve, [&] { report(detail::what_of_current_exception().c_str()); });
    }
  }

  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

IoRuntime::IoRuntime(Report report) : report_(std::move(report)) {}

IoRuntime::~IoRuntime() = default;

void* IoRuntime::context() {
  const std::unique_lock lock{mutex_};
  if (!thread_) thread_ = std::make_unique<Thread>(report_);
  return &thread_->context();
}

void IoRuntime::join() {
  std::unique_ptr<Thread> thread;
  {
    const std::unique_lock lock{mutex_};
    thread.swap(thread_);
  }
}

}  // namespace cairn::engine
