// The question: does this code open a file that an earlier version wrote, read all that is in it, and go on
// with it? make_file.cpp tells how the files are made; beside each stands, as text, what is in it.

#include "tests/examples/set_clock.hpp"
#include "tests/storage/history_text.hpp"
#include "tests/storage/store_fixture.hpp"

#include <cairn/cairn.hpp>
#include <cairn/open.hpp>
#include <cairn/store.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;

constexpr Time zero{1'767'225'600'000ms};  // 2026-01-01T00:00:00Z

std::filesystem::path kept(const std::string& name) {
  return std::filesystem::path{CAIRN_KEPT_FILES} / name;
}

std::string read(const std::filesystem::path& file) {
  std::ifstream input{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{input}, {}};
}

std::vector<std::string> instance_ids(const Store& store, std::int64_t workflow) {
  ListQuery query{.workflow = workflow, .newest_first = false, .limit = 1'000};
  std::vector<std::string> ids;
  for (const InstanceRow& row : store.list(query)) ids.push_back(row.id);
  return ids;
}

std::string describe(const Store& store) {
  const auto at = [](Time time) { return std::to_string((time - zero) / 1s) + "s"; };
  const Ownership ownership = store.ownership();
  std::ostringstream text;
  text << "epoch " << ownership.epoch << ", commit " << ownership.commit_seq << ", next key "
       << ownership.next_key << ", last written " << at(ownership.last_time) << '\n';
  for (const WorkflowRow& workflow : store.workflows()) {
    text << "workflow " << workflow.workflow << ' ' << workflow.name << ' ' << workflow.workflow_id
         << ", created " << at(workflow.created) << '\n';
    for (const VersionRow& version : store.versions(workflow.workflow)) {
      text << "version " << version.version << ' ' << version.tag << ' ' << version.version_id << ", created "
           << at(version.created) << '\n';
    }
    for (const std::string& id : instance_ids(store, workflow.workflow)) {
      text << to_text(store.history(store.find(workflow.workflow, id).value().key).value(), zero);
    }
  }
  return text.str();
}

// The statements that made the tables and indexes, with the number of the format.
std::vector<std::string> schema_of(const std::filesystem::path& file) {
  sqlite3* database = nullptr;
  sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READONLY, nullptr);
  std::vector<std::string> schema;
  const auto add = [](void* lines, int, char** values, char**) {
    static_cast<std::vector<std::string>*>(lines)->push_back(values[0] == nullptr ? "" : values[0]);
    return 0;
  };
  sqlite3_exec(database, "PRAGMA user_version; SELECT sql FROM sqlite_schema ORDER BY type, name", add,
               &schema, nullptr);
  sqlite3_close(database);
  return schema;
}

// A copy of a kept file: opening it may change it.
class KeptFile : public ::testing::TestWithParam<const char*> {
 protected:
  KeptFile() { std::filesystem::copy_file(kept(GetParam() + std::string{".cairn"}), copy()); }
  [[nodiscard]] std::filesystem::path copy() const { return folder_ / "copy.db"; }
  [[nodiscard]] std::filesystem::path fresh() const { return folder_ / "fresh.db"; }

 private:
  Folder folder_;
};

TEST_P(KeptFile, IsWholeByItself) {
  const std::string bytes = read(copy());
  EXPECT_EQ(bytes.substr(16, 2), (std::string{"\x10\x00", 2})) << "pages of 4,096 bytes";
  EXPECT_FALSE(std::filesystem::exists(kept(GetParam() + std::string{".cairn-wal"})));
}

TEST_P(KeptFile, IsReadAsItWasWritten) {
  EXPECT_EQ(describe(*open_sqlite(copy())), read(kept(GetParam() + std::string{".txt"})));
}

// What nobody owns is not migrated.
TEST_P(KeptFile, IsReadAsItIsByWhoeverOnlyLooksAtIt) {
  const std::string before = read(copy());
  const auto reader = open_sqlite_read_only(copy());
  const std::vector<InstanceRow> rows = reader->list({.newest_first = false, .limit = 1'000});
  std::vector<std::optional<History>> histories;
  for (const InstanceRow& row : rows) histories.push_back(reader->history(row.key));
  const std::vector<DueRow> due = reader->due({}, Time::max(), 1'000);
  EXPECT_EQ(reader->find(1, "paused").value().status, Status::paused);
  EXPECT_EQ(read(copy()), before);

  const auto store = open_sqlite(copy());
  EXPECT_GT(due.size(), 3U);
  EXPECT_EQ(store->due({}, Time::max(), 1'000), due);
  for (std::size_t index = 0; index < rows.size(); ++index) {
    History found = store->history(rows[index].key).value();
    // What its last owner left running is queued for the next one.
    found.row.status = rows[index].status;
    EXPECT_EQ(found, histories[index]) << rows[index].id;
  }
}

// A log that begins with migrations is that of the file.
TEST_P(KeptFile, IsOpenedAgainAfterTheOwnerThatMigratedItWasKilled) {
  const Folder folder;
  for (const bool has_written : {false, true}) {
    const std::filesystem::path left = folder / (has_written ? "written.db" : "opened.db");
    {
      const auto store = open_sqlite(copy(), {.audit_trail = true});
      if (has_written) store->apply(std::vector<Change>{Sweep{.limit = 1}}, zero);
      for (const char* suffix : {"", "-wal", ".lock"})
        std::filesystem::copy_file(copy().string() + suffix, left.string() + suffix);
    }
    const auto store = open_sqlite(left);
    EXPECT_EQ(store->find(1, "queued").value().status, Status::queued);
    std::filesystem::copy_file(kept(GetParam() + std::string{".cairn"}), copy(),
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::remove(copy().string() + ".lock");
  }
}

TEST_P(KeptFile, HasTheTablesOfANewFileOnceItWasOpened) {
  static_cast<void>(open_sqlite(copy()));
  static_cast<void>(open_sqlite(fresh(), {.audit_trail = true}));
  EXPECT_EQ(schema_of(copy()), schema_of(fresh()));
}

json step_result(std::atomic<int>& bodies, const char* result) {
  ++bodies;
  return result;
}

// The workflow of make_file.cpp.
Task<json> orders(Context& ctx, std::atomic<int>& bodies) {
  const json charge = co_await ctx.step("charge", [&] { return step_result(bodies, "charged"); });
  co_await ctx.sleep_until("cool off", zero + 1h);
  const Event approval = co_await ctx.wait_for_event("approval", {.type = "approved", .timeout = 24h});
  const std::string by = approval.payload.at("by").get<std::string>();
  const json parcel = co_await ctx.step("ship", [&] { return step_result(bodies, "shipped"); });
  json output;
  output["charge"] = charge;
  output["parcel"] = parcel;
  output["by"] = by;
  co_return output;
}

TEST_P(KeptFile, GoesOnWithWhatWasUnfinished) {
  const auto clock = std::make_shared<verify::SetClock>();
  clock->advance(zero + 2h - clock->now());
  Engine engine{open_sqlite(copy()), {.clock = clock, .sweep_interval = 0ms}};
  std::atomic<int> bodies = 0;
  for (const char* version : {"1", "2"}) {
    engine.define("orders", [&](Context& ctx, json) { return orders(ctx, bodies); }, {.version = version});
  }
  const auto workflow = engine.workflow("orders");
  const std::set<std::string> with_event{"buffering"};
  const std::set<std::string> held{"paused", "pausing", "parked"};
  std::vector<std::string> unfinished;
  for (const InstanceSummary& instance : workflow.list({.limit = 1'000}).instances) {
    if (is_finished(instance.status)) continue;
    unfinished.push_back(instance.id);
    if (!with_event.contains(instance.id)) workflow.get(instance.id).send_event("approved", {{"by", "ann"}});
    if (held.contains(instance.id)) workflow.get(instance.id).resume();
  }
  EXPECT_EQ(unfinished.size(), 12U);

  engine.start();

  const json all_done{{"charge", "charged"}, {"parcel", "shipped"}, {"by", "ann"}};
  for (const std::string& id : unfinished) EXPECT_EQ(workflow.get(id).wait(), all_done) << id;
  // Six were to be charged still, and each was shipped once.
  EXPECT_EQ(bodies, 6 + 12);
  EXPECT_EQ(workflow.get("complete").wait(), (json{{"charge", "charged"}, {"parcel", "shipped"}}));
  EXPECT_EQ(workflow.get("errored").status(), Status::errored);
  EXPECT_EQ(workflow.get("terminated").status(), Status::terminated);
  EXPECT_EQ(workflow.get("cut-off").describe().steps.at(0).attempts.size(), 3U);
  EXPECT_EQ(workflow.get("retrying").describe().steps.at(0).attempts.size(), 2U);
}

INSTANTIATE_TEST_SUITE_P(Versions, KeptFile, ::testing::Values("v1"),
                         [](const auto& kept) { return std::string{kept.param}; });

}  // namespace
}  // namespace cairn::testing
