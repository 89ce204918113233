#include "tests/crash/death.hpp"

#include <unistd.h>

#include <csignal>

namespace cairn::testing {

Death::Death(const std::string& text)
    : point_{text.substr(0, text.find(':'))}, at_visit_{std::stoi(text.substr(text.find(':') + 1))} {}

void Death::at(std::string_view point) noexcept {
  if (point != point_ || ++visits_ != at_visit_) return;
  ::kill(::getpid(), SIGKILL);
}

}  // namespace cairn::testing
