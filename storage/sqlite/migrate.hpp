#pragma once

#include "storage/sqlite/connection.hpp"

#include <filesystem>

namespace cairn::sqlite {

// Brings the database to the newest format, each migration in a transaction of its own. Never backwards.
void migrate(Connection& connection);

// Makes a new file under a name of its own and moves it into place, so that a crash leaves no half-made file.
void create_file(const std::filesystem::path& file, const ConnectionOptions& options);

}  // namespace cairn::sqlite
