// Which creations run workflow code: those that are made, and no others.

#include "tests/engine/harness.hpp"

#include <gmock/gmock.h>

#include <initializer_list>
#include <stdexcept>

namespace cairn::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CodeOfACreation : public ConductorTest {
 protected:
  void SetUp() override {
    ConductorTest::SetUp();
    h.define("w", [this](Context& ctx, std::string params) -> Task<int> {
      ran.push_back(ctx.instance_id() + "=" + params);
      co_await ctx.step("s", [] { return 1; });
      co_return 1;
    });
  }

  // Each with other params than the one before.
  [[nodiscard]] engine::Input batch(std::initializer_list<const char*> ids,
                                    OnConflict on_conflict = OnConflict::skip) {
    engine::Input input = h.create_input("w", "");
    auto& create = std::get<CreateBatch>(std::get<engine::Intake>(input).change);
    const NewRow like = create.rows.front();
    create.rows.clear();
    create.on_conflict = on_conflict;
    for (const char* id : ids) {
      NewRow& row = create.rows.emplace_back(like);
      row.id = id;
      row.params = '"' + std::to_string(++made) + '"';
    }
    return input;
  }

  [[nodiscard]] Status status_of(const std::string& id) const {
    for (const InstanceRow& row : h.store().plain().list({.limit = 1'000})) {
      if (row.id == id) return row.status;
    }
    throw std::invalid_argument{"no instance " + id};
  }

  int made = 0;
  std::vector<std::string> ran;
};

TEST_F(CodeOfACreation, RunsInTheGroupThatCreatesIt) {
  const std::size_t before = h.groups();
  h.turn({batch({"a", "b"})});
  EXPECT_THAT(ran, ElementsAre("a=1", "b=2"));
  EXPECT_EQ(h.groups(), before + 1);
  EXPECT_EQ(status_of("b"), Status::running);
  EXPECT_EQ(h.bodies().size(), 2U);
}

TEST_F(CodeOfACreation, DoesNotRunForAnIdThatIsTaken) {
  h.give({batch({"x"})});
  h.give({batch({"x"})});
  h.give({batch({"x"}, OnConflict::fail)});
  EXPECT_THAT(ran, ElementsAre("x=1"));
  EXPECT_EQ(h.bodies().size(), 1U);
}

TEST_F(CodeOfACreation, DoesNotRunForABatchThatIsRepeated) {
  std::vector<std::string> ids;
  for (int i = 0; i < 500; ++i) ids.push_back("i-" + std::to_string(i));
  const auto all = [&] {
    engine::Input input = batch({});
    auto& rows = std::get<CreateBatch>(std::get<engine::Intake>(input).change).rows;
    for (const std::string& id : ids) rows.push_back({.id = id, .params = R"("p")"});
    return input;
  };
  h.give({all()});
  EXPECT_EQ(ran.size(), ids.size());
  h.give({all()});
  EXPECT_EQ(ran.size(), ids.size());
  EXPECT_EQ(h.store().wanted_ids(), 2 * ids.size()) << "each is asked about once";
}

TEST_F(CodeOfACreation, RunsForTheOthersOfItsBatchInTheSameGroup) {
  h.give({batch({"b", "d"})});
  ran.clear();
  const std::size_t before = h.groups();
  h.turn({batch({"a", "b", "c", "d", "e"})});
  EXPECT_THAT(ran, ElementsAre("a=3", "c=5", "e=7"));
  EXPECT_EQ(h.groups(), before + 1);
  for (const char* id : {"a", "c", "e"}) EXPECT_EQ(status_of(id), Status::running) << id;
  h.finish();
}

TEST_F(CodeOfACreation, RunsOnceForAnIdThatStandsTwiceInABatch) {
  h.give({batch({"x", "y", "x"})});
  EXPECT_THAT(ran, ElementsAre("x=1", "y=2"));
}

TEST_F(CodeOfACreation, RunsOnceForAnIdThatStandsInTwoBatchesOfAGroup) {
  h.turn({batch({"x"}), batch({"x", "y"}), batch({"x"}, OnConflict::fail)});
  EXPECT_THAT(ran, ElementsAre("x=1", "y=3"));
}

TEST_F(CodeOfACreation, DoesNotRunForABatchThatOneOfItsLastRefuses) {
  h.give({batch({"z"})});
  ran.clear();
  h.give({batch({"a", "b", "z"}, OnConflict::fail), batch({"c", "d", "c"}, OnConflict::fail)});
  EXPECT_THAT(ran, IsEmpty());
  EXPECT_THROW(static_cast<void>(status_of("a")), std::invalid_argument);
  h.give({batch({"a", "b"}, OnConflict::fail)});
  EXPECT_EQ(ran.size(), 2U);
}

// The id is free when the batch is written, though it was taken when it was asked about.
TEST_F(CodeOfACreation, RunsForAnIdThatASweepOfTheSameGroupSetsFree) {
  h.give({batch({"x"})});
  h.finish();
  h.pass(721h);
  std::vector<engine::Input> both;
  both.push_back(engine::Intake{Sweep{.limit = 10}});
  both.push_back(batch({"x", "y"}));
  h.give(std::move(both));
  EXPECT_THAT(ran, ElementsAre("x=1", "y=3", "x=2"));
  h.finish();
  EXPECT_EQ(status_of("x"), Status::complete);
}

TEST_F(CodeOfACreation, RunsInTheNextGroupWhileTheStoreCannotSayWhatIsTaken) {
  h.store().fail_ids();
  const std::size_t before = h.groups();
  h.turn({batch({"x"})});
  EXPECT_THAT(ran, IsEmpty());
  h.give({});
  EXPECT_THAT(ran, ElementsAre("x=1"));
  EXPECT_EQ(h.groups(), before + 2);
}

TEST_F(CodeOfACreation, RunsWithoutAQuestionWhereItsIdIsNew) {
  h.give({batch({"taken"})});
  const std::size_t asked = h.store().wanted_ids();
  engine::Input mixed = batch({"a", "taken", "b", "c"});
  auto& rows = std::get<CreateBatch>(std::get<engine::Intake>(mixed).change).rows;
  for (const std::size_t row : {0U, 2U}) rows[row].id_is_new = true;
  h.give({std::move(mixed)});
  EXPECT_THAT(ran, ElementsAre("taken=1", "a=2", "b=4", "c=5"));
  EXPECT_EQ(h.store().wanted_ids(), asked + 2);
  h.finish();
}

TEST_F(CodeOfACreation, RunsForAsManyAsThereAreSlots) {
  Harness narrow{{.concurrency = 2}};
  narrow.begin();
  narrow.define("w", two_steps);
  narrow.create_many("w", 200);
  EXPECT_EQ(narrow.bodies().size(), 2U);
  EXPECT_LE(narrow.store().wanted_ids(), 64U) << "nobody is asked about those that cannot begin";
  narrow.finish();
  narrow.expect_at_rest();
}

}  // namespace
}  // namespace cairn::testing
