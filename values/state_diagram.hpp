#pragma once

#include <string>

namespace cairn::values {

/// The text of `docs/state-machine.md`, made from `transitions`.
std::string state_machine_page();

}  // namespace cairn::values
