#include "storage/sqlite/migrate.hpp"

#include "storage/sqlite/file_check.hpp"
#include "storage/sqlite/migrations.hpp"
#include "storage/sqlite/os/files.hpp"

#include <array>
#include <string>
#include <system_error>

namespace cairn::sqlite {
namespace {

void carry_out(Connection& connection, const Migration& migration) {
  connection.execute("BEGIN IMMEDIATE");
  try {
    connection.execute(std::string{migration.sql});
    connection.execute("PRAGMA application_id = " + std::to_string(application_id));
    connection.execute("PRAGMA user_version = " + std::to_string(migration.version));
    connection.execute("COMMIT");
  } catch (...) {
    static_cast<void>(connection.roll_back());
    throw;
  }
}

[[noreturn]] void fail(const std::string& file) {
  const std::error_code error = os::why();
  throw Error{Errc::store_failed, file + " cannot be made: " + error.message()};
}

// A database with what SQLite puts beside it. The names are made beforehand: it is removed where memory may
// be what is missing.
class Remains {
 public:
  explicit Remains(const std::string& file) : names_{file, file + "-wal", file + "-shm", file + "-journal"} {}
  void remove() const noexcept {
    for (const std::string& name : names_) os::remove(name.c_str());
  }

 private:
  std::array<std::string, 4> names_;
};

// An empty file that somebody has made beforehand passes its permissions on.
unsigned permissions_of(const std::filesystem::path& file) {
  constexpr unsigned of_a_new_one = 0600;
  const auto found = os::look_at(file);
  return found ? found->permissions : of_a_new_one;
}

void move_into_place(const std::string& made, const std::filesystem::path& file) {
  if (!os::rename(made.c_str(), file.c_str()) || !os::flush_folder(file.parent_path())) fail(file.string());
}

}  // namespace

void migrate(Connection& connection) {
  const std::int64_t version = connection.pragma("user_version");
  for (const Migration& migration : migrations) {
    if (migration.version > version) carry_out(connection, migration);
  }
}

void create_file(const std::filesystem::path& file, const ConnectionOptions& options) {
  const std::string made = file.string() + ".new";
  const Remains remains{made};
  remains.remove();
  try {
    const unsigned permissions = permissions_of(file);
    const os::Descriptor descriptor = os::open_file(made, os::Access::make_new, permissions);
    if (!descriptor.is_open() || !os::set_permissions(descriptor, permissions)) fail(file.string());
    ConnectionOptions new_options = options;
    new_options.path = made;
    Connection connection{new_options, Role::writes};
    migrate(connection);
    if (!connection.checkpoint(true)) throw Error{Errc::store_failed, made + " is used by another program"};
    connection.leave_log_alone(false);  // it goes with the connection
  } catch (...) {
    remains.remove();
    throw;
  }
  move_into_place(made, file);
}

}  // namespace cairn::sqlite
