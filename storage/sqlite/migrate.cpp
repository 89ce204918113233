#include "storage/sqlite/migrate.hpp"

#include "storage/sqlite/file_check.hpp"
#include "storage/sqlite/file_lock.hpp"
#include "storage/sqlite/migrations.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
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
  const int error = errno;
  throw Error{Errc::store_failed, file + " cannot be made: " + std::generic_category().message(error)};
}

// A database with what SQLite puts beside it. The names are made beforehand: it is removed where memory may
// be what is missing.
class Remains {
 public:
  explicit Remains(const std::string& file) : names_{file, file + "-wal", file + "-shm", file + "-journal"} {}
  void remove() const noexcept {
    for (const std::string& name : names_) ::unlink(name.c_str());
  }

 private:
  std::array<std::string, 4> names_;
};

// An empty file that somebody has made beforehand passes its permissions on.
mode_t mode_of(const std::filesystem::path& file) {
  struct stat found = {};
  return ::stat(file.c_str(), &found) == 0 ? found.st_mode & mode_t{0777} : mode_t{0600};
}

void move_into_place(const std::string& made, const std::filesystem::path& file) {
  if (::rename(made.c_str(), file.c_str()) != 0) fail(file.string());
  const Descriptor folder{::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!folder.is_open() || ::fsync(folder.number()) != 0) fail(file.string());
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
    const mode_t mode = mode_of(file);
    const Descriptor descriptor{::open(made.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode)};
    if (!descriptor.is_open() || ::fchmod(descriptor.number(), mode) != 0) fail(file.string());
    ConnectionOptions new_options = options;
    new_options.path = made;
    Connection connection{new_options, Role::writes};
    migrate(connection);
    if (!connection.checkpoint(true)) throw Error{Errc::store_failed, made + " is used by another program"};
  } catch (...) {
    remains.remove();
    throw;
  }
  move_into_place(made, file);
}

}  // namespace cairn::sqlite
