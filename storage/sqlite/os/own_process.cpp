#include "storage/sqlite/os/processes.hpp"

#include <cairn/detail/own_process.hpp>
#include <cairn/error.hpp>

#include <atomic>
#include <string>
#include <utility>

namespace cairn::detail {

namespace {

constinit std::atomic<OwnProcess*> left_alone = nullptr;

}  // namespace

OwnProcess::OwnProcess() noexcept : number_(sqlite::os::process_number()) {}

bool OwnProcess::is_here() const noexcept {
  return sqlite::os::process_number() == number_;
}

void OwnProcess::require_here(const char* call) const {
  if (is_here()) return;
  throw Error{Errc::engine_stopped, std::string{call} + ": the engine is that of process " +
                                        std::to_string(number_) + ", of which this one is a fork"};
}

void OwnProcess::leave_alone(std::shared_ptr<void> owned) noexcept {
  owned_ = std::move(owned);
  next_ = left_alone.exchange(this);
}

}  // namespace cairn::detail
