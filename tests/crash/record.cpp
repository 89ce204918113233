#include "tests/crash/record.hpp"

#include <cairn/check.hpp>
#include <cairn/open.hpp>

#include <memory>

namespace cairn::testing {
namespace {

void add_instances(const Store& store, std::int64_t workflow, Record& record) {
  ListQuery query{.workflow = workflow, .newest_first = false, .limit = 1'000};
  for (auto rows = store.list(query); !rows.empty(); rows = store.list(query)) {
    for (const InstanceRow& row : rows) record.emplace(row.id, store.history(row.key).value());
    query.after = rows.back().key;
  }
}

}  // namespace

std::string full_name(const StepRow& step) {
  return step.name + "-" + std::to_string(step.count);
}

Remains read_remains(const std::filesystem::path& file, const std::filesystem::path& aside) {
  std::filesystem::remove_all(aside);
  std::filesystem::create_directory(aside);
  if (!std::filesystem::exists(file)) return {};
  const std::filesystem::path copy = aside / "copy.db";
  std::filesystem::copy_file(file, copy);
  const std::filesystem::path log = file.string() + "-wal";
  if (std::filesystem::exists(log)) std::filesystem::copy_file(log, copy.string() + "-wal");
  Remains remains;
  try {
    for (const Finding& finding : check_file(copy).findings)
      remains.faults.push_back(finding.rule + ": " + finding.subject + " " + finding.what);
  } catch (const Error& error) {
    remains.faults.emplace_back(error.what());
    return remains;  // nor would it open
  }
  const std::unique_ptr<Store> store = open_sqlite(copy);
  for (const WorkflowRow& workflow : store->workflows())
    add_instances(*store, workflow.workflow, remains.record);
  return remains;
}

}  // namespace cairn::testing
