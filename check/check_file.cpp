#include "check/functions.hpp"
#include "check/rule.hpp"

#include <cairn/check.hpp>
#include <cairn/error.hpp>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <sqlite3.h>

#include <string>
#include <string_view>
#include <system_error>

namespace cairn {
namespace {

constexpr std::int64_t application_id = 0x63616972;  // "cair"
constexpr std::int64_t newest_format = 1;

// The file's name as a URI. A file without a log beside it belongs to nobody: told that nothing will change,
// SQLite makes no log of its own.
std::string uri_of(const std::filesystem::path& file) {
  std::error_code ignored;
  const bool has_log = std::filesystem::exists(file.string() + "-wal", ignored);
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

class Check {
 public:
  Check(const std::filesystem::path& file, const CheckOptions& options)
      : file_{file.string()},
        options_{options},
        database_{uri_of(file), SQLite::OPEN_READONLY | SQLite::OPEN_URI | SQLite::OPEN_NOMUTEX, 2'000} {
    check::add_functions(database_.getHandle());
  }

  CheckReport run() {
    database_.exec("BEGIN");  // all rules look at one snapshot
    check_format();
    for (const auto& part : {check::rules_of_files(), check::rules_of_instances(), check::rules_of_steps(),
                             check::rules_of_events(), check::rules_of_transitions()}) {
      for (const check::Rule& rule : part) follow(rule);
    }
    report_.instances = count("instance");
    report_.steps = count("step");
    report_.events = count("event");
    return std::move(report_);
  }

 private:
  void check_format() {
    const std::int64_t id = database_.execAndGet("PRAGMA application_id").getInt64();
    const std::int64_t format = database_.execAndGet("PRAGMA user_version").getInt64();
    if (id != application_id || format < 1)
      throw Error{Errc::not_a_cairn_file, file_ + " is a SQLite database of another program"};
    if (format > newest_format) {
      throw Error{Errc::file_is_newer, file_ + " has format " + std::to_string(format) +
                                           ", and this cairn knows formats up to " +
                                           std::to_string(newest_format)};
    }
  }

  // A damaged page can end a query early; that is a finding as well.
  void follow(const check::Rule& rule) {
    ++report_.rules;
    std::size_t found = 0;
    const auto note = [&](std::string subject, std::string what) {
      ++report_.violations;
      if (found++ < options_.findings_per_rule)
        report_.findings.push_back({rule.name, std::move(subject), std::move(what)});
    };
    try {
      SQLite::Statement query{database_, rule.query};
      while (query.executeStep()) {
        const SQLite::Column key = query.getColumn(0);
        note(key.isNull() ? "" : "instance " + key.getString(), query.getColumn(1).getString());
      }
    } catch (const SQLite::Exception& failure) {
      note("", std::string{"cannot be followed: "} + failure.what());
    }
  }

  std::uint64_t count(const char* table) {
    try {
      return static_cast<std::uint64_t>(
          database_.execAndGet(std::string{"SELECT count(*) FROM "} + table).getInt64());
    } catch (const SQLite::Exception&) {
      return 0;  // `integrity` has said why
    }
  }

  const std::string file_;
  const CheckOptions options_;
  SQLite::Database database_;
  CheckReport report_;
};

}  // namespace

CheckReport check_file(const std::filesystem::path& file, const CheckOptions& options) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error))
    throw Error{Errc::not_a_cairn_file, file.string() + " does not exist, or is no regular file"};
  if (std::filesystem::file_size(file, error) == 0)
    throw Error{Errc::not_a_cairn_file, file.string() + " is empty"};
  try {
    return Check{file, options}.run();
  } catch (const SQLite::Exception& failure) {
    const bool foreign = (failure.getErrorCode() & 0xff) == SQLITE_NOTADB;
    throw Error{foreign ? Errc::not_a_cairn_file : Errc::store_failed,
                "cannot read " + file.string() + ": " + failure.what()};
  }
}

}  // namespace cairn
