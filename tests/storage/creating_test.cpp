#include "tests/storage/store_fixture.hpp"

#include <set>

// Laws of Define and CreateBatch.
namespace cairn::testing {
namespace {

class CreatingTest : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Stores, CreatingTest,
                         ::testing::Values(Kind::memory, Kind::sqlite_file, Kind::sqlite_memory), name_of);

TEST_P(CreatingTest, AWorkflowIsMadeOnceAndKeepsItsIds) {
  const Defined first = apply<Defined>(Define{"orders", "1", "w-1", "v-1"}, at(100));
  const Defined again = apply<Defined>(Define{"orders", "1", "w-2", "v-2"}, at(200));
  EXPECT_EQ(again.workflow, first.workflow);
  EXPECT_EQ(again.version, first.version);
  EXPECT_EQ(again.workflow_id, "w-1");
  EXPECT_EQ(again.version_id, "v-1");
  ASSERT_EQ(store().workflows().size(), 1U);
  EXPECT_EQ(store().workflows()[0].created, at(100));
}

TEST_P(CreatingTest, AVersionBelongsToItsWorkflow) {
  const Defined orders = apply<Defined>(Define{"orders", "1", "w-1", "v-1"});
  const Defined newer = apply<Defined>(Define{"orders", "2", "w-x", "v-2"});
  const Defined audits = apply<Defined>(Define{"audits", "1", "w-2", "v-3"});
  EXPECT_EQ(newer.workflow, orders.workflow);
  EXPECT_EQ(newer.workflow_id, "w-1");
  EXPECT_NE(newer.version, orders.version);
  EXPECT_NE(audits.version, orders.version);
  EXPECT_EQ(store().versions(orders.workflow).size(), 2U);
  ASSERT_EQ(store().versions(audits.workflow).size(), 1U);
  EXPECT_EQ(store().versions(audits.workflow)[0].tag, "1");
  EXPECT_EQ(store().versions(audits.workflow)[0].version_id, "v-3");
}

TEST_P(CreatingTest, ANewInstanceIsQueuedInItsFirstRun) {
  CreateBatch one = batch({"a"});
  one.rows[0] = {"a", "{\"n\":1}", {.success = Duration{10}, .error = std::nullopt}};
  EXPECT_TRUE(apply<Created>(one, at(500)).conflicts.empty());
  InstanceRow expected;
  expected.key = one.first_key;
  expected.workflow = one.workflow;
  expected.version = one.version;
  expected.id = "a";
  expected.created = expected.modified = at(500);
  expected.retention.success = Duration{10};
  const History found = history(one.first_key);
  EXPECT_EQ(found.row, expected);
  EXPECT_EQ(found.params, "{\"n\":1}");
  EXPECT_TRUE(found.steps.empty());
  EXPECT_TRUE(found.output.empty());
  EXPECT_FALSE(found.error);
}

TEST_P(CreatingTest, TakenIdsAreToldWorkflowByWorkflow) {
  apply<Created>(batch({"a", "b"}));
  const std::int64_t orders = define("orders").workflow;
  const std::int64_t audits = define("audits").workflow;
  const std::vector<WantedId> ids{{orders, "b"}, {orders, "c"}, {audits, "a"}, {orders, "a"}, {99, "a"}};
  EXPECT_EQ(store().taken(ids), (std::vector<bool>{true, false, false, true, false}));
  EXPECT_TRUE(store().taken({}).empty());
}

// Ids that are neighbours, twice the same, and of another workflow, among few and many others.
TEST_P(CreatingTest, TakenIdsAreToldWhateverStandsBetweenThem) {
  const std::int64_t orders = define("orders").workflow;
  const std::int64_t audits = define("audits").workflow;
  std::vector<std::string> ids;
  for (int number = 0; number < 300; ++number) ids.push_back("i" + std::to_string(number));
  apply<Created>(batch(ids));
  CreateBatch others = batch({"i7", "i70", "i700", "j"});
  others.workflow = audits;
  others.version = define("audits").version;
  apply<Created>(others);
  const std::set<std::string> of_orders(ids.begin(), ids.end());
  const std::set<std::string> of_audits{"i7", "i70", "i700", "j"};
  std::vector<std::string> asked;
  for (const int step : {1, 7, 31}) {
    for (int number = 900; number >= 0; number -= step) asked.push_back("i" + std::to_string(number));
  }
  asked.insert(asked.end(), {"a", "i", "j", "k", "i7", "i7"});
  std::vector<WantedId> wanted;
  std::vector<bool> expected;
  for (const std::string& id : asked) {
    wanted.push_back({orders, id});
    expected.push_back(of_orders.contains(id));
    wanted.push_back({audits, id});
    expected.push_back(of_audits.contains(id));
    wanted.push_back({99, id});
    expected.push_back(false);
  }
  EXPECT_EQ(store().taken(wanted), expected);
}

TEST_P(CreatingTest, TheRowsThatBeginInTheGroupAreRunning) {
  CreateBatch some = batch({"a", "b", "c"});
  some.begun = 2;
  apply<Created>(some, at(500));
  for (const Key key : {some.first_key, some.first_key + 1}) {
    EXPECT_EQ(history(key).row.status, Status::running);
    EXPECT_EQ(history(key).row.started, at(500));
  }
  EXPECT_EQ(history(some.first_key + 2).row.status, Status::queued);
  EXPECT_FALSE(history(some.first_key + 2).row.started);
}

TEST_P(CreatingTest, WhatBeganGoesOnInTheSameGroupAndTheNext) {
  CreateBatch some = batch({"a", "a"});
  some.begun = 2;
  Advance start{.key = some.first_key};
  start.starts.push_back({.started_seq = 1, .name = "s"});
  Advance second = start;
  second.key = some.first_key + 1;
  const std::vector<Outcome> outcomes = store().apply(std::vector<Change>{some, start, second}, at(500));
  EXPECT_TRUE(std::get<Advanced>(outcomes[1]).continued);
  EXPECT_FALSE(std::get<Advanced>(outcomes[2]).found) << "its id was taken by its neighbour";
  Advance end{.key = some.first_key};
  end.results.push_back({.started_seq = 1, .ended_seq = 2, .output = "1", .at = at(600)});
  end.leave = Cause::complete;
  EXPECT_EQ(apply<Advanced>(end, at(600)).status, Status::complete);
}

TEST_P(CreatingTest, ABatchThatIsRefusedAsAWholeBeginsNothing) {
  apply<Created>(batch({"b"}));
  CreateBatch some = batch({"a", "b"});
  some.on_conflict = OnConflict::fail;
  some.begun = 2;
  Advance start{.key = some.first_key};
  start.starts.push_back({.started_seq = 1, .name = "s"});
  const std::vector<Outcome> outcomes = store().apply(std::vector<Change>{some, start}, at(500));
  EXPECT_TRUE(std::get<Created>(outcomes[0]).refused);
  EXPECT_FALSE(std::get<Advanced>(outcomes[1]).found);
}

TEST_P(CreatingTest, RowIGetsTheFirstKeyPlusI) {
  CreateBatch some = batch({"a", "b", "c"});
  some.first_key += 7;
  EXPECT_TRUE(apply<Created>(some).conflicts.empty());
  EXPECT_EQ(store().find(some.workflow, "a")->key, some.first_key);
  EXPECT_EQ(store().find(some.workflow, "c")->key, some.first_key + 2);
  EXPECT_EQ(store().ownership().next_key, some.first_key + 3);
}

TEST_P(CreatingTest, AnIdThatIsTakenIsSkippedAndReported) {
  create("b");
  const CreateBatch some = batch({"a", "b", "c"});
  const Created created = apply<Created>(some);
  ASSERT_EQ(created.conflicts.size(), 1U);
  EXPECT_EQ(created.conflicts[0].index, 1U);
  EXPECT_EQ(created.conflicts[0].code, Errc::instance_already_exists);
  EXPECT_FALSE(created.refused);
  EXPECT_EQ(store().find(some.workflow, "c")->key, some.first_key + 2);
  EXPECT_FALSE(store().row(some.first_key + 1));
  EXPECT_EQ(store().ownership().next_key, some.first_key + 3);
}

TEST_P(CreatingTest, AnIdThatStandsEarlierInTheBatchIsADuplicate) {
  const CreateBatch some = batch({"a", "b", "a", "a"});
  const Created created = apply<Created>(some);
  ASSERT_EQ(created.conflicts.size(), 2U);
  EXPECT_EQ(created.conflicts[0].index, 2U);
  EXPECT_EQ(created.conflicts[1].index, 3U);
  EXPECT_EQ(created.conflicts[1].code, Errc::duplicate_in_batch);
  EXPECT_EQ(store().find(some.workflow, "a")->key, some.first_key);
}

TEST_P(CreatingTest, TheSameBatchAgainCreatesNothing) {
  const std::vector<std::string> ids{"a", "b", "c"};
  apply<Created>(batch(ids));
  const auto before = store().list({});
  const Created again = apply<Created>(batch(ids));
  EXPECT_EQ(again.conflicts.size(), 3U);
  EXPECT_EQ(store().list({}), before);
}

TEST_P(CreatingTest, ABatchIsAllOrNothingWhenConflictsFail) {
  create("x");
  const Key next_key = store().ownership().next_key;
  const Created created = apply<Created>(batch({"a", "x", "b", "a"}, OnConflict::fail));
  EXPECT_TRUE(created.refused);
  ASSERT_EQ(created.conflicts.size(), 2U);
  EXPECT_EQ(created.conflicts[0].code, Errc::instance_already_exists);
  EXPECT_EQ(created.conflicts[1].code, Errc::duplicate_in_batch);
  EXPECT_EQ(store().list({}).size(), 1U);
  EXPECT_FALSE(store().history(next_key));
  EXPECT_EQ(store().ownership().next_key, next_key);
}

TEST_P(CreatingTest, ABatchWithoutConflictsIsCreatedWhenConflictsFail) {
  const Created created = apply<Created>(batch({"a", "b"}, OnConflict::fail));
  EXPECT_FALSE(created.refused);
  EXPECT_EQ(store().list({}).size(), 2U);
}

TEST_P(CreatingTest, BatchesOfEverySizeArriveWhole) {
  // Around the sizes of the blocks that a store may write at once.
  for (const std::size_t size : {0, 1, 9, 10, 11, 49, 50, 51, 60, 61, 99, 100, 101, 111, 250}) {
    std::vector<std::string> ids;
    for (std::size_t index = 0; index < size; ++index)
      ids.push_back(std::to_string(size) + "-" + std::to_string(index));
    const CreateBatch some = batch(ids);
    EXPECT_TRUE(apply<Created>(some).conflicts.empty());
    for (std::size_t index = 0; index < size; ++index) {
      const History found = history(some.first_key + static_cast<Key>(index));
      EXPECT_EQ(found.row.id, ids[index]);
      EXPECT_EQ(found.params, "\"" + ids[index] + "\"");
    }
  }
}

TEST_P(CreatingTest, EveryPositionOfAConflictIsFound) {
  std::vector<std::string> ids;
  for (int index = 0; index < 61; ++index) ids.push_back("id-" + std::to_string(index));
  for (std::size_t taken = 0; taken < ids.size(); ++taken) {
    std::vector<std::string> round = ids;
    for (std::string& id : round) id += "-" + std::to_string(taken);
    create(round[taken]);
    const CreateBatch some = batch(round);
    const Created created = apply<Created>(some);
    ASSERT_EQ(created.conflicts.size(), 1U);
    EXPECT_EQ(created.conflicts[0].index, taken);
    EXPECT_EQ(history(some.first_key + static_cast<Key>(taken == 60 ? 59 : 60)).row.id,
              round[taken == 60 ? 59 : 60]);
  }
}

TEST_P(CreatingTest, TheSameIdIsFreeInAnotherWorkflow) {
  create("a");
  const Defined other = define("audits");
  CreateBatch one = batch({"a"});
  one.workflow = other.workflow;
  one.version = other.version;
  EXPECT_TRUE(apply<Created>(one).conflicts.empty());
  EXPECT_EQ(store().find(other.workflow, "a")->key, one.first_key);
}

TEST_P(CreatingTest, IdsAreComparedByteByByte) {
  EXPECT_TRUE(apply<Created>(batch({"abc", "Abc", "abC", "abc-"})).conflicts.empty());
  EXPECT_FALSE(store().find(define().workflow, "ABC"));
}

TEST_P(CreatingTest, SeveralBatchesOfOneGroupSeeEachOther) {
  const CreateBatch first = batch({"a", "b"});
  CreateBatch second = first;
  second.first_key += 2;
  second.rows[0].id = "c";
  const std::vector<Change> group{first, second};
  const auto outcomes = store().apply(group, now());
  EXPECT_TRUE(std::get<Created>(outcomes[0]).conflicts.empty());
  ASSERT_EQ(std::get<Created>(outcomes[1]).conflicts.size(), 1U);
  EXPECT_EQ(std::get<Created>(outcomes[1]).conflicts[0].code, Errc::instance_already_exists);
}

TEST_P(CreatingTest, PayloadsComeBackByteForByte) {
  const std::string text =
      "{\"\xc3\xa4\xe2\x82\xac\xf0\x9f\xaa\xa8\":\"\\u0000 ' \\\" \t\",\"n\":1.0e3,  \"z\":[]}";
  CreateBatch some = batch({"a", "b", "c"});
  some.rows[0].params = text;
  some.rows[1].params = std::string(300'000, 'x');
  some.rows[2].params = "";
  apply<Created>(some);
  EXPECT_EQ(history(some.first_key).params, text);
  EXPECT_EQ(history(some.first_key + 1).params, std::string(300'000, 'x'));
  EXPECT_EQ(history(some.first_key + 2).params, "");
}

TEST_P(CreatingTest, AKeyThatWasUsedIsRefusedBeforeAnythingIsWritten) {
  const CreateBatch first = batch({"a"});
  apply<Created>(first);
  CreateBatch second = first;
  second.rows[0].id = "b";
  const std::vector<Change> group{SendEvent{first.first_key, "t", "{}", 10}, second};
  const auto before = store().ownership();
  EXPECT_THROW(store().apply(group, now()), Error);
  EXPECT_TRUE(history(first.first_key).events.empty());
  EXPECT_EQ(store().ownership().commit_seq, before.commit_seq);
}

TEST_P(CreatingTest, AVersionOfAnotherWorkflowIsRefused) {
  const Defined other = define("audits");
  CreateBatch one = batch({"a"});
  one.version = other.version;
  EXPECT_THROW(apply<Created>(one), Error);
  EXPECT_TRUE(store().list({}).empty());
}

TEST_P(CreatingTest, KeysEndWhereTheFileFormatEnds) {
  CreateBatch some = batch({"a", "b"});
  some.first_key = (Key{1} << 39) - 2;
  EXPECT_THROW(apply<Created>(some), Error);
  some.rows.pop_back();
  EXPECT_TRUE(apply<Created>(some).conflicts.empty());
  enter(some.first_key);
  EXPECT_TRUE(start_step(some.first_key, (Sequence{1} << 24) - 1).continued);
  EXPECT_EQ(history(some.first_key).steps.size(), 1U);
}

}  // namespace
}  // namespace cairn::testing
