#include "check/checker.hpp"
#include "check/lock_file.hpp"

#include <cairn/check.hpp>
#include <cairn/error.hpp>

#include <SQLiteCpp/Database.h>
#include <sqlite3.h>

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace cairn {
namespace {

namespace fs = std::filesystem;

// What a file looks like from outside. An empty log is none (the same rule as that of
// `open_sqlite_read_only`). Whoever opens it makes a log beside it; whoever has closed it again has written
// to it before.
struct Look {
  bool has_log = false;
  std::uintmax_t bytes = 0;
  fs::file_time_type written = {};
  bool operator==(const Look&) const = default;
};

Look look_at(const fs::path& file) {
  std::error_code missing;
  const std::uintmax_t log_bytes = fs::file_size(file.string() + "-wal", missing);
  std::error_code ignored;
  return {.has_log = !missing && log_bytes > 0,
          .bytes = fs::file_size(file, ignored),
          .written = fs::last_write_time(file, ignored)};
}

// A log lies beside the file itself, whatever links lead to it.
fs::path behind_links(const fs::path& file) {
  if (file.empty()) throw Error{Errc::invalid_argument, "file: must be a path, is empty"};
  std::error_code error;
  fs::path path = fs::canonical(file, error);
  if (error || !fs::is_regular_file(path, error))
    throw Error{Errc::not_a_cairn_file, file.string() + " does not exist, or is no regular file"};
  if (fs::file_size(path, error) == 0) throw Error{Errc::not_a_cairn_file, file.string() + " is empty"};
  return path;
}

// The file's name as a URI. Where there is no log, SQLite is told that nothing will change, and makes none of
// its own. It takes no locks then either, so that whoever comes meanwhile has to be noticed by `look_at`.
std::string uri_of(const fs::path& file, bool has_log) {
  std::string uri = "file:";
  for (const char c : file.string()) {
    if (c == '%' || c == '?' || c == '#') {
      constexpr std::string_view digits = "0123456789abcdef";
      uri += {'%', digits[static_cast<unsigned char>(c) >> 4], digits[static_cast<unsigned char>(c) & 0x0f]};
    } else {
      uri += c;
    }
  }
  return uri + (has_log ? "?mode=ro" : "?immutable=1");
}

// Whether SQLite could not make the index of a log that nobody has open, for want of permission.
bool lacks_index(const SQLite::Exception& failure, const fs::path& file) {
  const int kind = failure.getErrorCode() & 0xff;
  sqlite3_vfs* const vfs = sqlite3_vfs_find(nullptr);
  int may_make_it = 0;
  vfs->xAccess(vfs, file.parent_path().c_str(), SQLITE_ACCESS_READWRITE, &may_make_it);
  return kind == SQLITE_READONLY || (kind == SQLITE_CANTOPEN && may_make_it == 0);
}

// Why the file cannot be read at all.
Error refusal(const fs::path& file, bool has_log, const SQLite::Exception& failure) {
  const std::string beginning = "cannot read " + file.string() + ": ";
  if (has_log && lacks_index(failure, file)) {
    const std::string name = file.filename().string();
    return Error{Errc::file_is_read_only,
                 beginning + "its log " + name +
                     "-wal can only be read by whoever may write the log's index, " + name +
                     "-shm; copy the file and its log to a folder that can be written, and check that copy"};
  }
  const bool foreign = (failure.getErrorCode() & 0xff) == SQLITE_NOTADB;
  return Error{foreign ? Errc::not_a_cairn_file : Errc::store_failed, beginning + failure.what()};
}

CheckReport check_once(const fs::path& file, bool has_log, const check::LockFile& said,
                       const CheckOptions& options) {
  try {
    SQLite::Database database{uri_of(file, has_log),
                              SQLite::OPEN_READONLY | SQLite::OPEN_URI | SQLite::OPEN_NOMUTEX, 2'000};
    return check::Checker{file.string(), database, said}.run(options);
  } catch (const SQLite::Exception& failure) {
    throw refusal(file, has_log, failure);
  }
}

}  // namespace

// With a log, SQLite's locks and the log itself keep what is looked at as it was. Without one nothing does;
// so what was found there counts only if the file is the same as before.
CheckReport check_file(const fs::path& name, const CheckOptions& options) {
  constexpr int tries_max = 10;
  const fs::path file = behind_links(name);
  for (int tries = 0; tries < tries_max; ++tries) {
    const check::LockFile said = check::read_lock_file(file);  // before all else
    const Look before = look_at(file);
    if (before.has_log) return check_once(file, true, said, options);
    std::optional<CheckReport> report;
    std::exception_ptr failure;
    try {
      report = check_once(file, false, said, options);
    } catch (const Error&) {
      failure = std::current_exception();
    }
    if (look_at(file) != before) continue;
    if (failure) std::rethrow_exception(failure);
    return *std::move(report);
  }
  throw Error{Errc::store_failed,
              file.string() + " was written and closed again each time that it was looked at; try it later"};
}

}  // namespace cairn
