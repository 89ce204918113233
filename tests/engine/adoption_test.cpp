// Code of a newer version that takes over instances, and what it makes of their records.

#include "tests/engine/harness.hpp"

#include <gmock/gmock.h>

namespace cairn::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// It charges the price, and waits.
Task<std::string> original(Context& ctx) {
  std::string charge = co_await ctx.step("charge", [] { return std::string{"price"}; });
  co_await ctx.wait_for_event("wait", {.type = "go"});
  co_return charge;
}

// A deposit, inserted under the name of the price.
Task<std::string> inserted_under_that_name(Context& ctx) {
  std::string deposit = co_await ctx.step("charge", [] { return std::string{"deposit"}; });
  std::string charge = co_await ctx.step("charge", [] { return std::string{"price"}; });
  co_await ctx.wait_for_event("wait", {.type = "go"});
  co_return deposit + ", " + charge;
}

Task<std::string> inserted_under_a_new_name(Context& ctx) {
  std::string deposit = co_await ctx.step("deposit", [] { return std::string{"deposit"}; });
  std::string charge = co_await ctx.step("charge", [] { return std::string{"price"}; });
  co_await ctx.wait_for_event("wait", {.type = "go"});
  co_return deposit + ", " + charge;
}

class Adoption : public ConductorTest {
 protected:
  // An instance of version 1, which has charged.
  Key create_waiting() {
    h.define("w", original);
    const Key key = h.create("w", "it");
    h.run_body();
    EXPECT_EQ(h.status(key), Status::waiting);
    return key;
  }

  template <class Function>
  void adopt(Function function, bool strictly = false) {
    h.forget("w");
    h.define("w", function, {.version = "2", .adopts = {"1"}, .adopts_strictly = strictly});
    h.crash();
  }

  std::vector<std::string> complaints() {
    std::vector<std::string> messages;
    if (auto changed = h.conductor().take_complaints()) {
      for (const Complaint& complaint : *changed)
        messages.push_back(complaint.code + ": " + complaint.message);
    }
    return messages;
  }
};

TEST_F(Adoption, TellsOfAStepThatIsInsertedUnderANameInUse) {
  const Key key = create_waiting();
  adopt(inserted_under_that_name);
  h.send(key, "go");
  const auto doubt = AllOf(HasSubstr(R"(asks for step "charge-2", which is not recorded)"),
                           HasSubstr(R"(has not asked for waitForEvent "wait-1")"));
  EXPECT_THAT(h.log(), ElementsAre(AllOf(HasSubstr(R"("it" of workflow "w")"), doubt)));
  EXPECT_THAT(complaints(), ElementsAre(AllOf(HasSubstr("adopted_in_doubt: 1 instance of workflow \"w\""),
                                              HasSubstr("\"it\""), doubt)));
  EXPECT_THAT(h.step(key, "charge-2").config, HasSubstr("warning"));
  h.finish();
  EXPECT_EQ(h.output(key), R"("price, price")") << "it goes on all the same";
}

TEST_F(Adoption, ParksItBeforeAnyBodyRunsIfItAdoptsStrictly) {
  const Key key = create_waiting();
  adopt(inserted_under_that_name, true);
  h.send(key, "go");
  EXPECT_EQ(h.status(key), Status::paused);
  EXPECT_EQ(h.error(key).name, "NonDeterminism");
  EXPECT_THAT(h.error(key).message, AllOf(HasSubstr(R"("charge-2")"), HasSubstr(R"("wait-1")")));
  EXPECT_THAT(h.bodies(), IsEmpty());
  EXPECT_EQ(h.history(key).steps.size(), 2U);
  adopt(inserted_under_a_new_name, true);
  h.resume(key);
  h.finish();
  EXPECT_EQ(h.output(key), R"("deposit, price")") << "the price is charged once";
  EXPECT_EQ(h.ran("it/charge-1#1"), 1U);
}

TEST_F(Adoption, SaysNothingOfAnInsertionUnderANewName) {
  const Key key = create_waiting();
  adopt(inserted_under_a_new_name, true);
  h.send(key, "go");
  h.finish();
  EXPECT_EQ(h.output(key), R"("deposit, price")");
  EXPECT_THAT(h.log(), IsEmpty());
  EXPECT_THAT(complaints(), IsEmpty());
}

TEST_F(Adoption, SaysNothingOfANameThatIsUsedAgainWhenAllWasAskedFor) {
  const Key key = create_waiting();
  adopt(
      [](Context& ctx) -> Task<std::string> {
        std::string charge = co_await ctx.step("charge", [] { return std::string{"price"}; });
        co_await ctx.wait_for_event("wait", {.type = "go"});
        std::string tip = co_await ctx.step("charge", [] { return std::string{"tip"}; });
        co_return charge + ", " + tip;
      },
      true);
  h.send(key, "go");
  h.finish();
  EXPECT_EQ(h.output(key), R"("price, tip")");
  EXPECT_THAT(h.log(), IsEmpty());
}

Task<int> two_charges(Context& ctx, int first) {
  int one = co_await ctx.step("charge", [first] { return first; });
  int two = co_await ctx.step("charge", [first] { return first + 1; });
  co_return one + two;
}

// One branch asks for a new step before the other has come to the rest of the record.
TEST_F(Adoption, IsJudgedWhenTheWholeRecordHasBeenReplayed) {
  h.define("w", [](Context& ctx) -> Task<int> {
    int charged = co_await two_charges(ctx, 1);
    co_await ctx.sleep("first nap", 1s);
    co_await ctx.sleep("second nap", 1h);
    co_return charged;
  });
  const Key key = h.create("w", "it");
  h.run_bodies();
  h.move(1s);
  ASSERT_EQ(h.history(key).steps.size(), 4U);
  adopt(
      [](Context& ctx) -> Task<int> {
        int charged = co_await two_charges(ctx, 1);
        const auto naps = [](Context& of) -> Task<void> {
          co_await of.sleep("first nap", 1s);
          co_await of.sleep("second nap", 1h);
        };
        auto [more, slept] = co_await all(two_charges(ctx, 3), naps(ctx));
        co_return charged + more;
      },
      true);
  h.move(1h);
  h.finish();
  EXPECT_EQ(h.status(key), Status::complete) << h.error(key).message;
  EXPECT_EQ(h.output(key), "10");
  EXPECT_THAT(h.log(), IsEmpty());
}

TEST_F(Adoption, TellsWhatItsEndHasNeverAskedFor) {
  const Key key = create_waiting();
  adopt(
      [](Context& ctx) -> Task<std::string> {
        std::string deposit = co_await ctx.step("deposit", [] { return std::string{"deposit"}; });
        co_await ctx.wait_for_event("wait", {.type = "go"});
        co_return deposit;
      },
      true);
  h.send(key, "go");
  h.finish();
  EXPECT_EQ(h.status(key), Status::complete);
  EXPECT_THAT(h.log(), ElementsAre(AllOf(HasSubstr(R"("it" of workflow "w")"), HasSubstr("has ended"),
                                         HasSubstr(R"(never asked for step "charge-1")"))));
}

TEST_F(Adoption, IsInDoubtUntilTheInstanceIsTerminated) {
  const Key key = create_waiting();
  adopt(inserted_under_that_name);
  h.send(key, "go");
  EXPECT_THAT(complaints(), Contains(HasSubstr("adopted_in_doubt")));
  h.terminate(key);
  EXPECT_THAT(complaints(), Each(Not(HasSubstr("adopted_in_doubt"))));
}

}  // namespace
}  // namespace cairn::testing
