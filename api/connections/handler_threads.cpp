#include "api/connections/handler_threads.hpp"

namespace cairn::api {

HandlerThreads::HandlerThreads(std::size_t count) : loop_(static_cast<int>(count)) {
  threads_.reserve(count);
  try {
    while (threads_.size() < count) threads_.emplace_back([this] { loop_.run(); });
  } catch (...) {
    stop();
    join();
    throw;
  }
}

HandlerThreads::~HandlerThreads() {
  stop();
  join();
}

void HandlerThreads::join() noexcept {
  work_.reset();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace cairn::api
