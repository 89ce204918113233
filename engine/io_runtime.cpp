#include "engine/io_runtime.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <thread>

namespace cairn::engine {

class IoRuntime::Thread {
 public:
  Thread() : work_(boost::asio::make_work_guard(context_)), thread_([this] { context_.run(); }) {}
  ~Thread() {
    work_.reset();
    thread_.join();
  }
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  boost::asio::io_context& context() { return context_; }

 private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

IoRuntime::IoRuntime() = default;

IoRuntime::~IoRuntime() = default;

void* IoRuntime::context() {
  const std::unique_lock lock{mutex_};
  if (!thread_) thread_ = std::make_unique<Thread>();
  return &thread_->context();
}

}  // namespace cairn::engine
