#pragma once

#include "storage/sqlite/connection.hpp"

namespace cairn::sqlite {

// Lets queries find in a file of an older format, which is only read and so not migrated, what newer formats
// have: by views of this connection alone, which SQLite finds before the tables of the file.
void see_as_newest(Connection& connection);

}  // namespace cairn::sqlite
