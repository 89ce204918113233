#include "storage/sqlite/store.hpp"
#include "tests/storage/counting_vfs.hpp"
#include "tests/storage/statement_log.hpp"
#include "tests/storage/store_fixture.hpp"

#include <cairn/cairn.hpp>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <stdexcept>
#include <string>

// What creating and running cost, counted instead of timed: a change that makes them dearer is seen here on
// any machine.
namespace cairn::testing {
namespace {

using File = CountingVfs::File;
using Operation = CountingVfs::Operation;
using namespace std::chrono_literals;

Task<void> do_nothing(Context&, std::string) {
  co_return;
}

Task<int> three_steps(Context& ctx) {
  const int one = co_await ctx.step("one", [] { return 1; });
  const int two = co_await ctx.step("two", [] { return 2; });
  const int three = co_await ctx.step("three", [] { return 3; });
  co_return one + two + three;
}

// What was done since the last look.
struct Cost {
  int commits = 0;
  int log_syncs = 0;
  int log_writes = 0;  // calls
  int other_syncs = 0;
  std::size_t statements = 0;  // without the transaction's own and house-keeping's
  std::int64_t rows = 0;       // inserted, updated or deleted
};

std::ostream& operator<<(std::ostream& out, const Cost& cost) {
  return out << cost.commits << " commits, " << cost.log_syncs << " syncs of the log, " << cost.log_writes
             << " writes of it, " << cost.other_syncs << " other syncs, " << cost.statements
             << " statements, " << cost.rows << " rows";
}

class CostTest : public ::testing::Test {
 protected:
  void look() {
    vfs_.reset_counts();
    statements_.reset();
  }

  [[nodiscard]] Cost cost() const {
    Cost cost;
    cost.commits = static_cast<int>(statements_.count("COMMIT"));
    cost.log_syncs = vfs_.count(File::log, Operation::sync);
    cost.log_writes = vfs_.count(File::log, Operation::write);
    cost.other_syncs = vfs_.syncs() - cost.log_syncs;
    cost.statements = statements_.size() - statements_.count("COMMIT") - statements_.count("BEGIN") -
                      statements_.count("PRAGMA");
    cost.rows = statements_.rows_changed();
    return cost;
  }

  // Pages, of the file and its log.
  [[nodiscard]] int reads() const {
    return vfs_.count(File::database, Operation::read) + vfs_.count(File::log, Operation::read);
  }

  [[nodiscard]] const StatementLog& statements() const { return statements_; }

  // What SQLite does to run a statement, by the names of its operations.
  [[nodiscard]] std::set<std::string> operations(const std::string& sql) const {
    std::set<std::string> names;
    // Opened for reading, SQLite would leave out what a CHECK does.
    SQLite::Database database{(folder_ / "store.db").string(), SQLite::OPEN_READWRITE};
    for (SQLite::Statement explain{database, "EXPLAIN " + sql}; explain.executeStep();)
      names.insert(explain.getColumn("opcode").getString());
    return names;
  }

  template <class In>
  static std::vector<NewInstance<In>> entries(std::size_t size) {
    return std::vector<NewInstance<In>>(size);
  }

  // No sweeper comes between.
  [[nodiscard]] Engine make_engine(const SqliteOptions& options = {}) {
    return Engine{make_store(options), {.workers = 1, .sweep_interval = Duration{0}}};
  }
  [[nodiscard]] std::unique_ptr<Store> make_store(const SqliteOptions& options = {}) {
    return std::make_unique<sqlite::SqliteStore>(folder_ / "store.db",
                                                 sqlite::FileOptions{.sqlite = options, .vfs = vfs_.name()});
  }

 private:
  Folder folder_;
  CountingVfs vfs_;
  StatementLog statements_;
};

TEST_F(CostTest, ABatchOfAnySizeIsOneCommitAndOneSync) {
  Engine engine = make_engine();
  auto workflow = engine.define("nothing", do_nothing);
  for (const std::size_t size : {1, 10, 100, 1'000}) {
    look();
    ASSERT_EQ(workflow.create_batch(entries<std::string>(size)).created.size(), size);
    const Cost found = cost();
    EXPECT_EQ(found.commits, 1) << found;
    EXPECT_EQ(found.log_syncs, 1) << found;
    EXPECT_EQ(found.other_syncs, 0) << found;
  }
}

// SQLite asks for two calls a page; a batch of 1,000 has some hundred pages.
TEST_F(CostTest, ABatchIsWrittenToTheLogInFewCalls) {
  Engine engine = make_engine();
  auto workflow = engine.define("nothing", do_nothing);
  for (const std::size_t size : {1, 10, 100, 1'000}) {
    look();
    workflow.create_batch(entries<std::string>(size));
    EXPECT_LE(cost().log_writes, size <= 100 ? 1 : 4) << size;
  }
}

TEST_F(CostTest, AnInstanceIsTwoRowsAndABatchOneMore) {
  Engine engine = make_engine();
  auto workflow = engine.define("nothing", do_nothing);
  for (const std::size_t size : {1, 10, 1'000}) {
    look();
    workflow.create_batch(entries<std::string>(size));
    EXPECT_EQ(cost().rows, static_cast<std::int64_t>(2 * size + 1));  // instance, params; the owner's counts
  }
}

TEST_F(CostTest, FiftyInstancesShareTwoStatements) {
  Engine engine = make_engine();
  auto workflow = engine.define("nothing", do_nothing);
  const auto statements_for = [&](std::size_t size) {
    look();
    workflow.create_batch(entries<std::string>(size));
    return cost().statements;
  };
  EXPECT_EQ(statements_for(1), 2 * 1 + 1U);
  EXPECT_EQ(statements_for(50), 2 * 1 + 1U);
  EXPECT_EQ(statements_for(1'000), 2 * 20 + 1U);
  EXPECT_EQ(statements_for(67), 2 * (1 + 1 + 7) + 1U);  // 50 + 10 + 7 × 1
}

TEST_F(CostTest, TakenIdsCostASecondLookButNoSecondCommit) {
  Engine engine = make_engine();
  auto workflow = engine.define("nothing", do_nothing);
  workflow.create_batch({{.id = "a"}, {.id = "b"}});
  look();
  const BatchResult result = workflow.create_batch({{.id = "a"}, {.id = "b"}, {.id = "c"}});
  ASSERT_EQ(result.skipped.size(), 2U);
  const Cost found = cost();
  EXPECT_EQ(found.commits, 1) << found;
  EXPECT_EQ(found.log_syncs, 1) << found;
  EXPECT_EQ(found.rows, 3) << found;
}

TEST_F(CostTest, OneSearchTellsOfAllIdsThatAreNeighbours) {
  Engine engine = make_engine();
  auto workflow = engine.define("nothing", do_nothing);
  engine.start();
  const auto searches_for = [&](std::initializer_list<int> parts) {
    std::vector<NewInstance<std::string>> batch;
    for (const int part : parts) {
      for (int number = 100'000; number < 100'500; ++number)
        batch.push_back({.id = std::to_string(part) + "-" + std::to_string(number)});
    }
    look();
    workflow.create_batch(batch);
    return statements().count("SELECT id, workflow");
  };
  EXPECT_EQ(searches_for({2, 3}), 1U) << "they come last";
  EXPECT_EQ(searches_for({2, 3}), 1U) << "again";
  EXPECT_EQ(searches_for({1, 4}), 2U) << "before and behind the others";
}

// They stand in the index by the time at which they would have expired, which has come.
TEST_F(CostTest, ASweepGoesOncePastWhatTheClockHasMovedAheadAndInPieces) {
  const std::unique_ptr<Store> store = make_store();
  Time now{std::chrono::hours{1}};
  const auto apply = [&](Change change) { return store->apply(std::vector{std::move(change)}, now).at(0); };
  const auto workflow = std::get<Defined>(apply(Define{"w", "1", "w", "v"}));
  const auto end = [&](std::size_t size) {
    CreateBatch batch{.workflow = workflow.workflow, .version = workflow.version};
    batch.first_key = store->ownership().next_key;
    std::vector<Change> ends;
    for (std::size_t i = 0; i < size; ++i) {
      const Key key = batch.first_key + static_cast<Key>(i);
      batch.rows.push_back({.id = std::to_string(key), .params = "1", .retention = {.error = 24h}});
      ends.emplace_back(Control{.key = key, .command = Command::terminate, .idle = true});
    }
    apply(std::move(batch));
    static_cast<void>(store->apply(ends, now));
  };
  const auto sweep = [&] {
    look();
    return std::get<Swept>(apply(Sweep{.limit = 500}));
  };
  constexpr std::size_t many = 5'000;
  constexpr Duration leap = 24h * 365;
  end(many);
  now += leap;
  apply(MoveClock{.by = leap});
  std::size_t pieces = 1;
  for (; sweep().more; ++pieces) EXPECT_LT(statements().count("SELECT expires"), 20U);
  EXPECT_GT(pieces, 2U);
  EXPECT_FALSE(sweep().more);
  EXPECT_LT(statements().count("SELECT expires"), 6U);

  end(1);
  now += 24h;
  EXPECT_EQ(sweep().instances, 500U) << "in the order in which they expire";
  for (std::size_t swept = 500; swept < many + 1; swept += 500) static_cast<void>(sweep());
  EXPECT_TRUE(store->list({}).empty());
}

TEST_F(CostTest, ARefusedBatchTouchesNothingOnDisk) {
  Engine engine = make_engine();
  auto workflow = engine.define("nothing", do_nothing);
  look();
  EXPECT_THROW(workflow.create_batch({{.id = "fine"}, {.id = "not fine!"}}), Error);
  const Cost found = cost();
  EXPECT_EQ(found.commits, 0) << found;
  EXPECT_EQ(found.log_syncs, 0) << found;
  EXPECT_EQ(found.rows, 0) << found;
}

TEST_F(CostTest, ThreeStepsOnAnIdleEngineAreFourCommits) {
  Engine engine = make_engine();
  auto workflow = engine.define("three-steps", three_steps);
  engine.start();
  EXPECT_EQ(workflow.create({}).wait(), 6);  // from here on it has begun, and idles
  look();
  EXPECT_EQ(workflow.create({}).wait(), 6);
  const Cost found = cost();
  EXPECT_EQ(found.commits, 4) << found;
  EXPECT_EQ(found.log_syncs, 4) << found;
  // Created and begun: instance, params, the first step's start. Each result: the step's end and
  // the next one's start; the last: its end, the output, the instance. And the owner's row each time.
  EXPECT_EQ(found.rows, 3 + 2 + 2 + 3 + 4) << found;
  EXPECT_LE(found.statements, 14U + 4U) << "hardly anything is read: " << found;
  EXPECT_EQ(found.other_syncs, 0) << found;
}

TEST_F(CostTest, AnEventForAnInstanceThatIsNotInMemoryReadsItsRowOnce) {
  const auto wait = [](Context& ctx) -> Task<void> { co_await ctx.wait_for_event("go", {.type = "go"}); };
  {
    Engine engine = make_engine();
    auto workflow = engine.define("wait", wait);
    engine.start();
    workflow.create({.id = "a"});
  }
  Engine engine = make_engine();
  auto workflow = engine.define("wait", wait);
  engine.start();
  auto instance = workflow.get("a");
  look();
  instance.send_event("go", 1);
  EXPECT_EQ(cost().commits, 1) << cost();
  EXPECT_EQ(statements().count("SELECT key, workflow"), 1U) << statements().text();
}

// Even a CHECK can make one: `IN` with three values fills a table with them for every row, which had cost a
// third of an update.
TEST_F(CostTest, NoStatementOfAnInstancesLifeFillsATableOfItsOwn) {
  {
    Engine engine = make_engine();
    auto busy = engine.define("busy", [](Context& ctx) -> Task<void> {
      const StepOptions twice{.retries = {.limit = 1, .delay = Duration{1}}};
      co_await ctx.step("fails once", twice, [](StepContext& step) {
        if (step.attempt() == 1) throw std::runtime_error("once");
      });
      co_await ctx.wait_for_event("buffered", {.type = "early"});
      co_await ctx.wait_for_event("awaited", {.type = "late"});
    });
    auto failing = engine.define("failing", [](Context&) -> Task<void> {
      throw std::runtime_error{"always"};
      co_return;
    });
    engine.start();
    look();
    busy.create_batch(entries<void>(67));
    auto instance = busy.create({.retention = {.success = Duration{1}, .error = Duration{1}}});
    instance.pause();
    instance.send_event("early", 1);
    instance.resume();
    instance.send_event("late", 1);
    instance.wait();
    instance.restart();
    instance.terminate();
    EXPECT_THROW(failing.create({}).wait(), InstanceError);
    while (engine.sweep().instances == 0) {
    }
  }
  for (const char* begins : {"INSERT", "UPDATE", "DELETE", "SELECT"})
    EXPECT_GT(statements().count(begins), 0U);
  for (const std::string& sql : statements().all()) {
    if (sql == "COMMIT" || sql.starts_with("BEGIN") || sql.starts_with("PRAGMA")) continue;
    for (const char* table : {"OpenEphemeral", "OpenAutoindex", "SorterOpen"})
      EXPECT_FALSE(operations(sql).contains(table)) << table << ": " << sql;
  }
}

TEST_F(CostTest, WhatADescriptionLeavesOutIsNotReadFromTheFile) {
  constexpr std::size_t output_bytes = 1'000'000;
  {
    Engine engine = make_engine();
    auto large = engine.define("large", [](Context& ctx) -> Task<void> {
      for (int i = 0; i < 5; ++i) co_await ctx.step("large", [] { return std::string(output_bytes, 'x'); });
    });
    engine.start();
    large.create({.id = "a"}).wait();
  }
  Engine engine = make_engine();
  auto large = engine.define("large", [](Context&) -> Task<void> { co_return; });
  const auto instance = large.get("a");
  const auto pages_for = [&](const DescribeOptions& options) {
    // After a failure the connection, and what it has read, is not used again.
    EXPECT_THROW(static_cast<void>(instance.describe_text({.bytes_max = 1})), Error);
    look();
    static_cast<void>(instance.describe_text(options));
    return reads();
  };
  constexpr int pages_of_one = output_bytes / 4'096;
  EXPECT_LT(pages_for({.steps = false}), 60);
  EXPECT_LT(pages_for({.output_characters = 0}), 60);
  EXPECT_LT(pages_for({.step = "large-3"}), pages_of_one + 60);
  EXPECT_GT(pages_for({}), 5 * pages_of_one);
}

TEST_F(CostTest, AnAuditTrailIsOneRowMoreForEachChangeOfStatus) {
  Engine engine = make_engine({.audit_trail = true});
  auto nothing = engine.define("nothing", do_nothing);
  look();
  nothing.create_batch(entries<std::string>(1'000));
  EXPECT_EQ(cost().rows, 3 * 1'000 + 1) << cost();
  EXPECT_EQ(cost().commits, 1) << cost();
  EXPECT_EQ(cost().log_syncs, 1) << cost();
  auto steps = engine.define("three-steps", three_steps);
  engine.start();
  EXPECT_EQ(steps.create({}).wait(), 6);
  look();
  EXPECT_EQ(steps.create({}).wait(), 6);
  EXPECT_EQ(cost().rows, 14 + 2) << "begun and complete: " << cost();
}

}  // namespace
}  // namespace cairn::testing
