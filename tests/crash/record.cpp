#include "tests/crash/record.hpp"

#include <cairn/open.hpp>

#include <sqlite3.h>

#include <memory>
#include <stdexcept>

namespace cairn::testing {
namespace {

constexpr const char* copy_name = "copy.db";

void add_instances(const Store& store, std::int64_t workflow, Record& record) {
  ListQuery query{.workflow = workflow, .newest_first = false, .limit = 1'000};
  for (auto rows = store.list(query); !rows.empty(); rows = store.list(query)) {
    for (const InstanceRow& row : rows) record.emplace(row.id, store.history(row.key).value());
    query.after = rows.back().key;
  }
}

std::string first_text(sqlite3* database, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  std::string text = "cannot be asked";
  if (sqlite3_prepare_v2(database, sql, -1, &statement, nullptr) == SQLITE_OK &&
      sqlite3_step(statement) == SQLITE_ROW) {
    text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
  }
  sqlite3_finalize(statement);
  return text;
}

}  // namespace

std::string full_name(const StepRow& step) {
  return step.name + "-" + std::to_string(step.count);
}

Record read_record(const std::filesystem::path& file, const std::filesystem::path& aside) {
  std::filesystem::remove_all(aside);
  std::filesystem::create_directory(aside);
  if (!std::filesystem::exists(file)) return {};
  std::filesystem::copy_file(file, aside / copy_name);
  const std::filesystem::path log = file.string() + "-wal";
  if (std::filesystem::exists(log)) {
    std::filesystem::copy_file(log, (aside / copy_name).string() + "-wal");
  }
  const std::unique_ptr<Store> store = open_sqlite(aside / copy_name);
  Record record;
  for (const WorkflowRow& workflow : store->workflows()) add_instances(*store, workflow.workflow, record);
  return record;
}

std::string integrity_of_copy(const std::filesystem::path& aside) {
  if (!std::filesystem::exists(aside / copy_name)) return "ok";
  sqlite3* database = nullptr;
  if (sqlite3_open_v2((aside / copy_name).c_str(), &database, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK) {
    sqlite3_close(database);
    return "cannot be opened";
  }
  std::string found = first_text(database, "PRAGMA integrity_check");
  sqlite3_close(database);
  return found;
}

}  // namespace cairn::testing
