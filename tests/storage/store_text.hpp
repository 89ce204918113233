#pragma once

#include <cairn/store.hpp>

#include <string>

namespace cairn::testing {

// What two stores must agree on, as numbers and texts that can be read and compared.
[[nodiscard]] std::string text(const InstanceRow& row);
[[nodiscard]] std::string text(const History& history);
[[nodiscard]] std::string text(const Outcome& outcome);

}  // namespace cairn::testing
