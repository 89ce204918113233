#pragma once

#include <cairn/store.hpp>

#include <string>

namespace cairn::testing {

// Everything that a history says, a line for each row, so that expectations can be read and compared. Times
// are seconds after `zero`. Lines begin with their indentation and end with "\n".
[[nodiscard]] std::string to_text(const History& history, Time zero);

}  // namespace cairn::testing
