#pragma once

#include "check/functions.hpp"
#include "check/lock_file.hpp"
#include "check/rule.hpp"

#include <cairn/check.hpp>

#include <cstdint>
#include <map>
#include <string>

namespace SQLite {
class Database;
class Statement;
}  // namespace SQLite

namespace cairn::check {

// Follows all rules in a database, as often as it is asked to: what is prepared is kept, which takes three
// quarters of the time of a small file. One thread at a time.
class Checker {
 public:
  // `file` is its name in messages; `lock_file` says what it must hold, if there is any. The database must
  // outlive this, and is then used for nothing else.
  Checker(std::string file, SQLite::Database& database, LockFile lock_file = {});
  Checker(const Checker&) = delete;
  Checker& operator=(const Checker&) = delete;
  ~Checker();

  // What the database is now. Throws `Error`, or `SQLite::Exception` where it cannot be read, which says
  // nothing of what stands in it.
  [[nodiscard]] CheckReport run(const CheckOptions& options);

 private:
  void check_format();
  void follow(const Rule& rule, const CheckOptions& options, CheckReport& report);
  [[nodiscard]] std::uint64_t count(const char* query);
  [[nodiscard]] SQLite::Statement& kept(const char* query);

  const std::string file_;
  const Beside beside_;
  SQLite::Database& database_;
  std::map<const char*, SQLite::Statement> statements_;  // by the address of their text
};

}  // namespace cairn::check
