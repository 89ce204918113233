#pragma once

#include "storage/sqlite/connection.hpp"

namespace cairn::sqlite {

// From the commit of the caller's transaction on, the file itself records each change of an instance's status
// in the table `transition`, whoever owns it. Does nothing when it does so already.
void turn_on_audit_trail(Connection& connection);

}  // namespace cairn::sqlite
