// The table `transition`: what stands there after which change, in files that keep a trail, and that none
// does otherwise.

#include "tests/storage/store_fixture.hpp"
#include "tests/storage/trail.hpp"

#include <cairn/check.hpp>
#include <cairn/error.hpp>

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <iterator>

namespace cairn::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class AuditTrail : public StoreTest {
 protected:
  void SetUp() override {
    use({.audit_trail = true});
    StoreTest::SetUp();
  }

  // The next owner asks for none.
  void reopen_without() {
    use({});
    reopen();
  }

  [[nodiscard]] std::vector<TrailEntry> trail(Key key) const {
    const Trails all = read_trails(file());
    const auto found = all.find(key);
    return found == all.end() ? std::vector<TrailEntry>{} : found->second;
  }

  [[nodiscard]] std::vector<std::string> ways(Key key) const {
    std::vector<std::string> ways;
    std::ranges::transform(trail(key), std::back_inserter(ways), way);
    return ways;
  }

  // What `cairn check` finds, one text a finding.
  [[nodiscard]] std::vector<std::string> findings() const {
    std::vector<std::string> all;
    for (const Finding& finding : check_file(file()).findings)
      all.push_back(finding.rule + ": " + finding.subject + ' ' + finding.what);
    return all;
  }

  [[nodiscard]] std::int64_t number(const char* query) const {
    return SQLite::Database{file().string(), SQLite::OPEN_READONLY}.execAndGet(query).getInt64();
  }
};

class NoAuditTrail : public AuditTrail {
 protected:
  void SetUp() override { StoreTest::SetUp(); }
};

INSTANTIATE_TEST_SUITE_P(Stores, AuditTrail, ::testing::Values(Kind::sqlite_file), name_of);
INSTANTIATE_TEST_SUITE_P(Stores, NoAuditTrail, ::testing::Values(Kind::sqlite_file), name_of);

TEST_P(NoAuditTrail, IsKeptUnlessSomebodyAsksForIt) {
  create_in(Status::complete, "a");
  create_in(Status::waiting, "b");
  EXPECT_THAT(read_trails(file()), IsEmpty());
  EXPECT_EQ(number("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'"), 0);
}

TEST_P(AuditTrail, TellsEachChangeWithItsOwnerItsGroupAndItsTime) {
  const Key key = create("a");
  const Ownership made = store().ownership();
  enter(key);
  leave(key, Cause::complete);
  const std::int64_t created = made.commit_seq;
  const Time first = row(key).created;
  const std::vector<TrailEntry> expected{
      {1, 1, std::nullopt, Status::queued, made.epoch, created, first},
      {2, 1, Status::queued, Status::running, made.epoch, created + 1, row(key).started.value()},
      {3, 1, Status::running, Status::complete, made.epoch, created + 2, row(key).ended.value()}};
  EXPECT_EQ(trail(key), expected);
}

TEST_P(AuditTrail, TellsWaitsAndPausesAndEnds) {
  const Key waits = create_in(Status::waiting, "waits");
  leave(waits, Cause::requeue);
  enter(waits);
  leave(waits, Cause::fail);
  EXPECT_THAT(ways(waits), ElementsAre("1: queued, run 1", "2: queued > running, run 1",
                                       "3: running > waiting, run 1", "4: waiting > queued, run 1",
                                       "5: queued > running, run 1", "6: running > errored, run 1"));
  const Key paused = create_in(Status::waiting_for_pause, "paused");
  control(paused, Command::resume);
  control(paused, Command::pause);
  control(paused, Command::resume);
  control(paused, Command::terminate);
  EXPECT_THAT(ways(paused), ElementsAre("1: queued, run 1", "2: queued > running, run 1",
                                        "3: running > waitingForPause, run 1",
                                        "4: waitingForPause > running, run 1", "5: running > paused, run 1",
                                        "6: paused > queued, run 1", "7: queued > terminated, run 1"));
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_P(AuditTrail, GoesOnThroughARestart) {
  const Key key = create_in(Status::complete, "a");
  control(key, Command::restart);
  control(key, Command::restart);
  EXPECT_THAT(ways(key),
              ElementsAre("1: queued, run 1", "2: queued > running, run 1", "3: running > complete, run 1",
                          "4: complete > queued, run 2", "5: queued > queued, run 3"));
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_P(AuditTrail, OfWhatBeginsWithItsBatchBeginsRunning) {
  CreateBatch both = batch({"a", "b"});
  both.begun = 1;
  apply<Created>(both);
  EXPECT_THAT(ways(both.first_key), ElementsAre("1: running, run 1"));
  EXPECT_THAT(ways(both.first_key + 1), ElementsAre("1: queued, run 1"));
}

TEST_P(AuditTrail, TellsTwoWaysThatWereGoneAtOnceAsOne) {
  const Key key = create("a");
  Advance change = advance(store(), key);
  change.enter = Cause::start;
  change.leave = Cause::complete;
  change.output = "1";
  apply<Advanced>(change);
  EXPECT_THAT(ways(key), ElementsAre("1: queued, run 1", "2: queued > complete, run 1"));
  const Key waits = create_in(Status::waiting, "waits");
  change = advance(store(), waits);
  change.enter = Cause::wake;
  change.leave = Cause::wait;
  change.wake_at = at(9'000'000);
  apply<Advanced>(change);
  EXPECT_EQ(trail(waits).size(), 3U) << "it waits as before";
}

TEST_P(AuditTrail, OfABatchHasAnEntryForEachInstance) {
  std::vector<std::string> ids;
  for (int id = 0; id < 1'000; ++id) ids.push_back("i" + std::to_string(id));
  const CreateBatch all = batch(ids);
  apply<Created>(all);
  const Trails trails = read_trails(file());
  ASSERT_EQ(trails.size(), 1'000U);
  for (const auto& [key, trail] : trails) {
    ASSERT_EQ(trail.size(), 1U) << key;
    ASSERT_EQ(trail[0].commit_seq, store().ownership().commit_seq);
  }
}

TEST_P(AuditTrail, HasNoEntryOfWhatWasNotCreated) {
  create("taken");
  apply<Created>(batch({"taken", "new"}));
  EXPECT_EQ(read_trails(file()).size(), 2U);
  EXPECT_TRUE(apply<Created>(batch({"other", "taken"}, OnConflict::fail)).refused);
  EXPECT_EQ(read_trails(file()).size(), 2U);
  const Key next = create("next");
  EXPECT_THAT(ways(next), ElementsAre("1: queued, run 1")) << "with the key that was taken back";
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_P(AuditTrail, HasNoEntryOfARefusedChange) {
  const Key key = create_in(Status::complete, "a");
  const std::vector<TrailEntry> before = trail(key);
  EXPECT_TRUE(control(key, Command::pause).refused);
  EXPECT_TRUE(control(key, Command::terminate).refused);
  EXPECT_FALSE(enter(key).continued);
  EXPECT_FALSE(leave(key, Cause::fail).continued);
  EXPECT_TRUE(send(key, "x").refused);
  EXPECT_EQ(trail(key), before);
}

TEST_P(AuditTrail, HasNoEntryOfStepsAndEvents) {
  const Key key = create_in(Status::running, "a");
  start_step(key, 1);
  record(key, ended(1, 2));
  send(key, "x");
  EXPECT_EQ(trail(key).size(), 2U);
}

TEST_P(AuditTrail, HasNoEntryOfAStatementThatNamesTheStatusAndLeavesIt) {
  const Key key = create_in(Status::running, "a");
  EXPECT_EQ(SQLite::Database(file().string(), SQLite::OPEN_READWRITE)
                .exec("UPDATE instance SET status = status, run = run, epoch = epoch, modified = 7"),
            1);
  EXPECT_EQ(trail(key).size(), 2U);
}

TEST_P(AuditTrail, HasNoEntryOfAGroupThatWasRolledBack) {
  const Key key = create("a");
  const Trails before = read_trails(file());
  SQLite::Database{file().string(), SQLite::OPEN_READWRITE}.exec("UPDATE owner SET epoch = epoch + 1");
  EXPECT_THROW(control(key, Command::terminate), Error) << "another owner has come";
  EXPECT_EQ(read_trails(file()), before);
}

TEST_P(AuditTrail, IsKeptByLaterOwnersWhoDoNotAskForIt) {
  const Key before = create_in(Status::waiting, "before");
  reopen_without();
  control(before, Command::terminate);
  const Key after = create("after");
  ASSERT_EQ(trail(before).size(), 4U);
  EXPECT_EQ(way(trail(before)[3]), "4: waiting > terminated, run 1");
  EXPECT_EQ(trail(before)[3].epoch, trail(before)[2].epoch + 1);
  EXPECT_THAT(ways(after), ElementsAre("1: queued, run 1"));
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_P(AuditTrail, TellsThatALaterOwnerBeginsAgainWhatWasLeftRunning) {
  const Key ran = create_in(Status::running, "ran");
  const Key paused = create_in(Status::waiting_for_pause, "paused");
  reopen();
  EXPECT_EQ(trail(ran).size(), 2U) << "a recovery writes nothing";
  enter(ran);
  control(paused, Command::resume);
  EXPECT_EQ(way(trail(ran).at(2)), "3: running > running, run 1");
  EXPECT_EQ(trail(ran)[2].epoch, trail(ran)[1].epoch + 1);
  EXPECT_EQ(way(trail(paused).at(3)), "4: waitingForPause > queued, run 1");
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_P(NoAuditTrail, BeginsInAFileThatHasInstancesWithTheirNextChange) {
  const Key waits = create_in(Status::waiting, "waits");
  const Key ran = create_in(Status::running, "ran");
  const Key ended = create_in(Status::complete, "ended");
  const Key paused = create_in(Status::waiting_for_pause, "paused");
  use({.audit_trail = true});
  reopen();
  EXPECT_THAT(read_trails(file()), IsEmpty());
  control(waits, Command::terminate);
  enter(ran);
  control(ended, Command::restart);
  control(paused, Command::resume);
  const Key created = create("new");
  EXPECT_THAT(ways(waits), ElementsAre("1: waiting > terminated, run 1"));
  EXPECT_THAT(ways(ran), ElementsAre("1: running > running, run 1"));
  EXPECT_THAT(ways(ended), ElementsAre("1: complete > queued, run 2"));
  EXPECT_THAT(ways(paused), ElementsAre("1: waitingForPause > queued, run 1"));
  EXPECT_THAT(ways(created), ElementsAre("1: queued, run 1"));
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_P(AuditTrail, GoesWithItsInstance) {
  const Key gone = create_in(Status::terminated, "gone", {.success = Duration{1}, .error = Duration{1}});
  const Key kept = create_in(Status::terminated, "kept");
  EXPECT_EQ(apply<Swept>(Sweep{10}).instances, 1U);
  EXPECT_THAT(trail(gone), IsEmpty());
  EXPECT_EQ(trail(kept).size(), 2U);
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_P(AuditTrail, HindersNobodyWhoOnlyReads) {
  const Key key = create_in(Status::complete, "a");
  const auto reader = open_sqlite_read_only(file());
  EXPECT_EQ(reader->history(key), store().history(key));
  EXPECT_EQ(reader->list({}), store().list({}));
}

}  // namespace
}  // namespace cairn::testing
