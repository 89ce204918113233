#include "benchmarks/filled_file.hpp"

#include "benchmarks/database.hpp"

#include <sqlite3.h>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>

namespace cairn::benchmarks {
namespace {

// ?1 is the number of the copy, ?2 how many instances there are to copy. What is inserted into each index
// comes after all that is there, as it does in the life of an engine: copies of an id begin with a later
// time, and copies of a wake time are an hour later.
constexpr std::array statements{
    R"(INSERT INTO instance (key, workflow, version, id, status, run, epoch, created, modified, retention_success,
                             retention_error, buffered, wake_at, started, ended, expires, paused_at, paused_for)
       SELECT key + ?1 * ?2, workflow, version, printf('%02x', ?1 + 1) || substr(id, 3), status, run, epoch, created,
              modified, retention_success, retention_error, buffered, wake_at + ?1 * 3600000, started, ended, expires,
              paused_at, paused_for
       FROM instance WHERE key <= ?2 ORDER BY key)",
    "INSERT INTO params SELECT key + ?1 * ?2, params FROM params WHERE key <= ?2 ORDER BY key",
    R"(INSERT INTO output SELECT key + ?1 * ?2, output, error_name, error_message
       FROM output WHERE key <= ?2 ORDER BY key)",
    R"(INSERT INTO step (id, kind, name, count, config, event_type, started, attempt, attempt_started, due, due_fixed,
                         ended_seq, ended, output, error_name, error_message)
       SELECT id + ((?1 * ?2) << 24), kind, name, count, config, event_type, started, attempt, attempt_started,
              iif(kind = 1, due + ?1 * 3600000, due), due_fixed, ended_seq, ended, output, error_name, error_message
       FROM step WHERE id < (?2 + 1) << 24 ORDER BY id)"};

long long number(Database& database, const std::string& sql) {
  const Database::Statement query = database.prepare(sql.c_str());
  if (sqlite3_step(query.get()) != SQLITE_ROW) throw std::runtime_error{"no answer to " + sql};
  return sqlite3_column_int64(query.get(), 0);
}

// Writes everything to the disk, and lets the system forget it.
void write_out(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  const bool done = descriptor >= 0 && ::fsync(descriptor) == 0 &&
                    ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED) == 0;
  const int error = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!done) throw std::system_error{error, std::generic_category(), file.string()};
}

}  // namespace

void repeat_instances(const std::filesystem::path& file, std::size_t times) {
  {
    // A file that is made again when this fails needs neither a log nor flushes.
    Database database{file,
                      "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -524288"};
    const long long instances = number(database, "SELECT count(*) FROM instance");
    if (number(database, "SELECT next_key - 1 FROM owner") != instances) {
      throw std::runtime_error{file.string() + ": the keys have gaps"};
    }
    database.begin();
    for (const char* sql : statements) {
      const Database::Statement statement = database.prepare(sql);
      for (std::size_t copy = 1; copy < times; ++copy) {
        Database::bind(statement, 1, static_cast<long long>(copy));
        Database::bind(statement, 2, instances);
        database.run(statement);
      }
    }
    database.execute("UPDATE owner SET next_key = (SELECT max(key) FROM instance) + 1");
    database.commit();
    database.execute("PRAGMA journal_mode = WAL");
  }
  write_out(file);
}

std::int64_t count_instances(const std::filesystem::path& file, Status status) {
  Database database{file, ""};
  return number(database,
                "SELECT count(*) FROM instance WHERE status = " + std::to_string(static_cast<int>(status)));
}

Time first_wake(const std::filesystem::path& file) {
  Database database{file, ""};
  return Time{Duration{number(database, "SELECT min(wake_at) FROM instance")}};
}

}  // namespace cairn::benchmarks
