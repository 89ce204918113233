#include "tests/faults/table_dump.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <vector>

namespace cairn::testing {

namespace {

std::string dump(SQLite::Database& database, bool with_counts) {
  std::vector<std::string> tables;
  SQLite::Statement names{database, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"};
  while (names.executeStep()) tables.push_back(names.getColumn(0).getString());
  std::string text;
  for (const std::string& table : tables) {
    if (table == "owner" && !with_counts) continue;
    const char* columns = table == "owner" ? "commit_seq, next_key, next_event, last_time" : "*";
    SQLite::Statement rows{database, std::string{"SELECT "} + columns + " FROM " + table + " ORDER BY 1, 2"};
    while (rows.executeStep()) {
      text += table;
      for (int column = 0; column < rows.getColumnCount(); ++column) {
        const SQLite::Column value = rows.getColumn(column);
        text += value.isNull() ? "|" : "|" + value.getString();
      }
      text += '\n';
    }
  }
  return text;
}

}  // namespace

std::string dump_tables(const std::filesystem::path& file) {
  SQLite::Database database{file.string(), SQLite::OPEN_READONLY};
  return dump(database, true);
}

std::string dump_rows(const std::filesystem::path& file) {
  SQLite::Database database{file.string(), SQLite::OPEN_READONLY};
  return dump(database, false);
}

Tables read_tables(const std::filesystem::path& file) {
  SQLite::Database database{"file:" + file.string() + "?immutable=1",
                            SQLite::OPEN_READONLY | SQLite::OPEN_URI};
  database.exec("PRAGMA mmap_size = 10000000");
  return {
      .rows = dump(database, true),
      .triggers = database
                      .execAndGet(
                          "SELECT coalesce(group_concat(name), '') FROM sqlite_schema WHERE type = 'trigger'")
                      .getString(),
      .integrity = database.execAndGet("PRAGMA integrity_check").getString()};
}

}  // namespace cairn::testing
