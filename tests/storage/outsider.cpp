// Another program that opens the file by SQLite's own means, as the sqlite3 shell does, and closes it again.
// Usage: outsider FILE count | backup TO | checkpoint | move | vacuum
// Prints the number of instances, or of pages that stay in the log; what goes wrong goes to standard error.

#include <sqlite3.h>

#include <cstdio>
#include <string>
#include <vector>

namespace {

int number(sqlite3* database, const char* query, int column) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(database, query, -1, &statement, nullptr);
  const bool has_row = sqlite3_step(statement) == SQLITE_ROW;
  const int found = has_row ? sqlite3_column_int(statement, column) : -1;
  sqlite3_finalize(statement);
  return found;
}

int back_up(sqlite3* from, const std::string& name) {
  sqlite3* to = nullptr;
  if (sqlite3_open(name.c_str(), &to) != SQLITE_OK) return -1;
  sqlite3_backup* const backup = sqlite3_backup_init(to, "main", from, "main");
  sqlite3_backup_step(backup, -1);
  const int result = sqlite3_backup_finish(backup);
  const int found = result == SQLITE_OK ? number(to, "SELECT count(*) FROM instance", 0) : -1;
  sqlite3_close(to);
  return found;
}

int act(sqlite3* database, const std::vector<std::string>& words) {
  if (words.at(1) == "backup") return back_up(database, words.at(2));
  if (words.at(1) == "move") return number(database, "PRAGMA wal_checkpoint(PASSIVE)", 1);
  if (words.at(1) == "checkpoint") return number(database, "PRAGMA wal_checkpoint(TRUNCATE)", 1);
  if (words.at(1) == "vacuum")
    return sqlite3_exec(database, "VACUUM", nullptr, nullptr, nullptr) == SQLITE_OK ? 0 : -1;
  return number(database, "SELECT count(*) FROM instance", 0);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() < 2) return 2;
  sqlite3* database = nullptr;
  sqlite3_open(words[0].c_str(), &database);
  const int found = act(database, words);
  std::printf("%d\n", found);
  if (found < 0) std::fprintf(stderr, "%s\n", sqlite3_errmsg(database));
  sqlite3_close(database);
  return found < 0 ? 1 : 0;
}
