#include "tests/crash/death.hpp"

#include <unistd.h>

#include <csignal>

namespace cairn::testing {

Death::Death(const std::string& text)
    : point_{text.substr(0, text.find(':'))}, at_visit_{std::stoi(text.substr(text.find(':') + 1))} {}

void Death::at(std::string_view point) noexcept {
  if (counts_) {
    const std::lock_guard lock{mutex_};
    ++visits_of_[std::string{point}];
  }
  if (point != point_ || ++visits_ != at_visit_) return;
  ::kill(::getpid(), SIGKILL);
}

std::map<std::string, int, std::less<>> Death::visits() const {
  const std::lock_guard lock{mutex_};
  return visits_of_;
}

}  // namespace cairn::testing
