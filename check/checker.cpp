#include "check/checker.hpp"

#include <cairn/error.hpp>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <sqlite3.h>

#include <utility>

namespace cairn::check {
namespace {

constexpr std::int64_t application_id = 0x63616972;  // "cair"
constexpr std::int64_t newest_format = 2;

// A file of the first format knows no clocks: for its rules it gets what it lacks, in this connection alone,
// and as long as its snapshot lasts.
constexpr const char* without_clocks = R"(
  CREATE TEMP VIEW owner AS
    SELECT *, 0 AS clock, NULL AS doubtful_since, NULL AS believed_until FROM main.owner;
  CREATE TEMP VIEW instance AS SELECT *, 0 AS clock FROM main.instance;
  CREATE TEMP VIEW step AS SELECT *, 0 AS clock FROM main.step;
  CREATE TEMP TABLE leap (first INTEGER PRIMARY KEY, last, moved, least))";

// All rules look at one snapshot.
class Snapshot {
 public:
  explicit Snapshot(SQLite::Database& database) : database_{database} { database_.exec("BEGIN"); }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  ~Snapshot() { database_.tryExec("ROLLBACK"); }

 private:
  SQLite::Database& database_;
};

// One use of a kept statement.
class Use {
 public:
  explicit Use(SQLite::Statement& statement) : statement_{statement} {}
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use() { statement_.tryReset(); }
  SQLite::Statement* operator->() { return &statement_; }

 private:
  SQLite::Statement& statement_;
};

// Whether it says nothing of the file.
bool is_no_damage(const SQLite::Exception& failure) {
  switch (failure.getErrorCode() & 0xff) {
    case SQLITE_NOMEM:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_CANTOPEN:
    case SQLITE_FULL:
      return true;
    default:
      return false;
  }
}

}  // namespace

Checker::Checker(std::string file, SQLite::Database& database, LockFile lock_file)
    : file_{std::move(file)}, beside_{file_, std::move(lock_file)}, database_{database} {
  add_functions(database_.getHandle());
  add_what_is_missing(database_.getHandle(), beside_);
  database_.exec("PRAGMA temp_store = MEMORY");
}

Checker::~Checker() = default;

CheckReport Checker::run(const CheckOptions& options) {
  CheckReport report;
  const Snapshot snapshot{database_};
  check_format();
  for (const auto& part : {rules_of_files(), rules_of_instances(), rules_of_steps(), rules_of_events(),
                           rules_of_transitions()}) {
    for (const Rule& rule : part) follow(rule, options, report);
  }
  report.instances = count("SELECT count(*) FROM instance");
  report.steps = count("SELECT count(*) FROM step");
  report.events = count("SELECT count(*) FROM event");
  return report;
}

void Checker::check_format() {
  const std::int64_t id = database_.execAndGet("PRAGMA application_id").getInt64();
  const std::int64_t format = database_.execAndGet("PRAGMA user_version").getInt64();
  if (id != application_id || format < 1)
    throw Error{Errc::not_a_cairn_file, file_ + " is a SQLite database of another program"};
  if (format > newest_format) {
    throw Error{Errc::file_is_newer, file_ + " has format " + std::to_string(format) +
                                         ", and this cairn knows formats up to " +
                                         std::to_string(newest_format)};
  }
  if (format == 1) database_.exec(without_clocks);
}

// A damaged page can end a query early; that is a finding as well.
void Checker::follow(const Rule& rule, const CheckOptions& options, CheckReport& report) {
  ++report.rules;
  std::size_t found = 0;
  const auto note = [&](std::string subject, std::string what) {
    ++report.violations;
    if (found++ < options.findings_per_rule)
      report.findings.push_back({rule.name, std::move(subject), std::move(what)});
  };
  try {
    for (Use query{kept(rule.query)}; query->executeStep();) {
      const SQLite::Column key = query->getColumn(0);
      note(key.isNull() ? "" : "instance " + key.getString(), query->getColumn(1).getString());
    }
  } catch (const SQLite::Exception& failure) {
    if (is_no_damage(failure)) throw;
    note("", std::string{"cannot be followed: "} + failure.what());
  }
}

std::uint64_t Checker::count(const char* query) {
  try {
    Use counting{kept(query)};
    counting->executeStep();
    return static_cast<std::uint64_t>(counting->getColumn(0).getInt64());
  } catch (const SQLite::Exception&) {
    return 0;  // `integrity` has said why
  }
}

SQLite::Statement& Checker::kept(const char* query) {
  return statements_.try_emplace(query, database_, query).first->second;
}

}  // namespace cairn::check
