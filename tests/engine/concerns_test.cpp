// Instances that do not go on before somebody has looked after them, as the health is told of them.

#include "tests/engine/harness.hpp"

#include <gmock/gmock.h>

namespace cairn::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Task<int> sleeps(Context& ctx) {
  co_await ctx.step("a", [] { return 1; });
  co_await ctx.sleep("nap", 1h);
  co_return 1;
}

Task<int> other_code(Context& ctx) {
  co_await ctx.step("b", [] { return 1; });
  co_return 2;
}

class Concern : public ConductorTest {
 protected:
  // As `Engine::health` has them.
  const std::vector<Complaint>& complaints() { return complaints(h); }
  const std::vector<Complaint>& complaints(Harness& harness) {
    if (auto changed = harness.conductor().take_complaints()) complaints_ = *std::move(changed);
    return complaints_;
  }
  std::vector<std::string> messages() {
    std::vector<std::string> messages;
    for (const Complaint& complaint : complaints())
      messages.push_back(complaint.code + ": " + complaint.message);
    return messages;
  }

  std::vector<Key> create_sleeping(int count) {
    h.define("w", sleeps);
    std::vector<Key> keys;
    for (int i = 1; i <= count; ++i) keys.push_back(h.create("w", "order-" + std::to_string(i)));
    h.run_bodies();
    return keys;
  }
  std::vector<Key> park(int count) {
    std::vector<Key> keys = create_sleeping(count);
    h.define("w", other_code);
    h.crash();
    h.move(1h);
    for (const Key key : keys) EXPECT_EQ(h.status(key), Status::paused);
    return keys;
  }

 private:
  std::vector<Complaint> complaints_;
};

TEST_F(Concern, OfParkedInstancesNamesTheirWorkflowTheOldestAndTheReason) {
  park(3);
  EXPECT_THAT(messages(),
              ElementsAre(AllOf(
                  HasSubstr(R"(parked: 3 instances of workflow "w" are parked; the oldest is "order-1")"),
                  HasSubstr(R"(NonDeterminism: the workflow asks for "b-1" where the record has )"))));
  EXPECT_EQ(complaints().front().since, h.now());
}

TEST_F(Concern, OfParkedInstancesIsThereInTheNextLifeAsWell) {
  const std::vector<Key> keys = park(3);
  h.crash();
  EXPECT_THAT(messages(), ElementsAre(HasSubstr("3 instances of workflow \"w\"")));
  h.terminate(keys[0]);
  h.forget("w");
  h.crash();
  EXPECT_THAT(messages(),
              ElementsAre(HasSubstr("2 instances of workflow \"w\" are parked; the oldest is \"order-2\"")))
      << "though nobody defines it any more";
}

TEST_F(Concern, OfParkedInstancesIsNoneOfThosePausedByHand) {
  const std::vector<Key> keys = create_sleeping(5);
  for (const Key key : {keys[0], keys[2], keys[4]}) h.pause(key);
  h.define("w", other_code);
  h.crash();
  h.move(1h);
  EXPECT_THAT(messages(),
              ElementsAre(HasSubstr("2 instances of workflow \"w\" are parked; the oldest is \"order-2\"")));
  h.crash();
  EXPECT_THAT(messages(),
              ElementsAre(HasSubstr("2 instances of workflow \"w\" are parked; the oldest is \"order-2\"")));
}

TEST_F(Concern, OfParkedInstancesIsReadInPages) {
  Harness small{{.page = 2}};
  small.begin();
  small.define("w", sleeps);
  for (int i = 0; i < 9; ++i) small.create("w");
  small.run_bodies();
  small.pause(2);
  small.define("w", other_code);
  small.crash();
  small.move(1h);
  small.crash();
  EXPECT_THAT(complaints(small).front().message, HasSubstr("8 instances"));
  small.expect_at_rest();
}

TEST_F(Concern, IsOverWhenSomebodyHasLookedAfterIt) {
  const std::vector<Key> keys = park(3);
  h.terminate(keys[0]);
  EXPECT_THAT(messages(), ElementsAre(HasSubstr("2 instances")));
  h.restart(keys[1]);
  EXPECT_THAT(messages(),
              ElementsAre(HasSubstr("1 instance of workflow \"w\" is parked; the oldest is \"order-3\"")));
  h.define("w", sleeps);
  h.resume(keys[2]);
  EXPECT_THAT(messages(), IsEmpty());
  h.finish();
}

TEST_F(Concern, IsThereAgainWhenTheCodeIsStillWrong) {
  const std::vector<Key> keys = park(1);
  h.resume(keys[0]);
  EXPECT_EQ(h.status(keys[0]), Status::paused);
  EXPECT_THAT(messages(), ElementsAre(HasSubstr("1 instance ")));
}

TEST_F(Concern, CountsFromTheEarliestTroubleAndNamesThatOne) {
  const std::vector<Key> keys = park(2);
  const Time parked = h.now();
  h.move(1h);
  h.resume(keys[0]);
  ASSERT_EQ(h.status(keys[0]), Status::paused) << "anew, an hour later";
  EXPECT_THAT(messages(), ElementsAre(HasSubstr("2 instances of workflow \"w\" are parked; the oldest is "
                                                "\"order-2\"")));
  EXPECT_EQ(complaints().front().since, parked);
  h.crash();
  EXPECT_THAT(messages(), ElementsAre(HasSubstr("the oldest is \"order-2\""))) << "as the record says it";
  EXPECT_EQ(complaints().front().since, parked);
  h.terminate(keys[1]);
  EXPECT_EQ(complaints().front().since, parked + 1h);
}

// Of a version, that is not defined, the one that was created last may be due for longest.
TEST_F(Concern, OfAVersionThatIsNotDefinedCountsFromTheOneThatIsDueForLongest) {
  h.define("w", [](Context& ctx, int hours) -> Task<void> { co_await ctx.sleep("nap", hours * 1h); });
  h.create("w", "late", "2");
  h.create("w", "early", "1");
  h.forget("w");
  h.crash();
  const Time begin = h.now();
  h.move(3h);
  EXPECT_THAT(messages(), ElementsAre(HasSubstr("2 instances are due; the oldest is \"early\"")));
  EXPECT_EQ(complaints().front().since, begin + 1h);
}

TEST_F(Concern, IsReadAgainWhenAWriteMayHaveBeenMade) {
  const std::vector<Key> keys = park(2);
  h.define("w", sleeps);
  h.store().plan(Mishap::unknown_written);
  EXPECT_THROW(h.resume(keys[0]), Error);
  h.move(10s);
  EXPECT_THAT(messages(),
              ElementsAre(HasSubstr("1 instance of workflow \"w\" is parked; the oldest is \"order-2\"")));
  h.finish();
}

TEST_F(Concern, OfParkedInstancesStaysWhileTheStoreRefusesWrites) {
  park(2);
  h.define("v", two_steps);
  h.create("v");
  h.store().plan(Mishap::refused, 0, 1'000);
  h.run_body();
  h.move(10s);
  EXPECT_TRUE(h.conductor().outage());
  EXPECT_THAT(messages(), ElementsAre(HasSubstr("2 instances of workflow \"w\" are parked")));
  h.store().heal();
  h.finish();
  EXPECT_THAT(messages(), ElementsAre(HasSubstr("2 instances of workflow \"w\" are parked")));
}

TEST_F(Concern, StaysWhileNobodyKnowsWhatWasWritten) {
  const std::vector<Key> keys = park(3);
  h.define("w", sleeps);
  h.store().plan(Mishap::unknown_written);
  EXPECT_THROW(h.resume(keys[1]), Error);
  h.store().fail_reads_for_health(true);
  h.move(10s);
  EXPECT_THAT(messages(), ElementsAre(HasSubstr("3 instances of workflow \"w\" are parked"),
                                      HasSubstr("parked_unread: ")));
  h.store().fail_reads_for_health(false);
  h.move(1min);
  EXPECT_THAT(messages(), ElementsAre(HasSubstr("2 instances of workflow \"w\" are parked")));
  h.finish();
}

TEST_F(Concern, ThatCannotBeReadHoldsUpNothingAndIsTriedAgain) {
  park(2);
  h.store().fail_reads_for_health(true);
  h.crash();
  EXPECT_FALSE(h.conductor().outage());
  EXPECT_THAT(
      messages(),
      ElementsAre("parked_unread: which workflows there are cannot be read, and is tried again: a page is "
                  "damaged",
                  "parked_unread: which instances of workflow \"w\" are parked cannot be read, and is "
                  "tried again: a page is damaged"));
  h.define("v", two_steps);
  const Key key = h.create("v");
  h.run_bodies();
  EXPECT_EQ(h.output(key), "3");
  h.move(10min);
  EXPECT_FALSE(h.conductor().outage());
  EXPECT_LT(h.store().failed_reads_for_health(), 50U) << "about one a minute of each";
  h.store().fail_reads_for_health(false);
  h.move(1min);
  EXPECT_THAT(messages(), ElementsAre(HasSubstr("2 instances of workflow \"w\" are parked")));
}

TEST_F(Concern, OfAVersionThatIsNotDefinedNamesBothAndComesAtOnce) {
  create_sleeping(2);
  h.forget("w");
  h.define("w", other_code, {.version = "2"});
  h.crash();
  EXPECT_THAT(messages(), IsEmpty());
  h.move(1h);
  EXPECT_THAT(
      messages(),
      ElementsAre(R"(version_not_defined: this engine does not define version "1" of workflow "w", of which )"
                  R"(2 instances are due; the oldest is "order-1")"));
  EXPECT_EQ(complaints().front().since, h.now());
  EXPECT_THAT(h.log(), Contains(HasSubstr(R"(does not define version "1" of workflow "w")")));
  h.define("w", sleeps);
  EXPECT_THAT(messages(), IsEmpty());
  h.finish();
}

// They have no wake time, and nobody has asked for them.
TEST_F(Concern, OfAVersionThatIsNotDefinedCountsInstancesThatHaveNotBegun) {
  Harness late;
  late.define("w", sleeps);
  late.create("w", "order-1");
  late.define("v", sleeps);
  late.create("v", "order-1");
  late.forget("w");
  late.forget("v");
  late.define("w", sleeps, {.version = "2"});
  late.crash();
  late.begin();
  std::vector<std::string> found;
  for (const Complaint& complaint : complaints(late)) found.push_back(complaint.message);
  EXPECT_THAT(found, ElementsAre(HasSubstr(R"(version "1" of workflow "w", of which 1 instance is due)"),
                                 HasSubstr(R"(version "1" of workflow "v", of which 1 instance is due)")));
  const std::size_t histories = late.store().histories();
  late.move(1h);
  EXPECT_EQ(late.store().histories(), histories) << "they are not read to find that out";
  late.expect_at_rest();
}

// Slots are taken, and bodies run, for as long as the test likes.
class ConcernWithoutASlot : public Concern {
 protected:
  ConcernWithoutASlot() { full.define("busy", two_steps); }
  void take_the_slots() {
    full.create("busy");
    full.create("busy");
  }
  void rest() {
    full.run_bodies();
    full.expect_at_rest();
  }
  std::vector<std::string> messages_of_full() {
    std::vector<std::string> messages;
    for (const Complaint& complaint : complaints(full)) messages.push_back(complaint.message);
    return messages;
  }

  Harness full{{.concurrency = 2, .page = 10}};
};

TEST_F(ConcernWithoutASlot, TellsOfAVersionThatIsNotDefinedAndHasNotBegun) {
  full.define("gone", sleeps);
  for (int i = 1; i <= 25; ++i) full.create("gone", "order-" + std::to_string(i));
  full.forget("gone");
  take_the_slots();
  full.crash();
  full.begin();
  ASSERT_EQ(full.conductor().running(), 2U);
  EXPECT_THAT(messages_of_full(), ElementsAre(HasSubstr(R"(version "1" of workflow "gone", of which 25 )"
                                                        R"(instances are due; the oldest is "order-1")")));
  rest();
}

TEST_F(ConcernWithoutASlot, TellsOfAnOlderVersionOfAWorkflowThatHasItsOwnLimit) {
  full.define("w", two_steps);
  full.create("w", "older");
  full.forget("w");
  full.define("w", two_steps, {.version = "2", .concurrency = 1});
  for (int i = 1; i <= 3; ++i) full.create("w", "newer-" + std::to_string(i));
  full.crash();
  full.begin();
  EXPECT_THAT(messages_of_full(), ElementsAre(HasSubstr(R"(1 instance is due; the oldest is "older")")));
  rest();
}

TEST_F(ConcernWithoutASlot, TellsOfAVersionThatIsNotDefinedWhenItIsDue) {
  constexpr int count = 250;
  full.begin();
  full.define("gone", sleeps);
  for (int i = 1; i <= count; ++i) full.create("gone", "order-" + std::to_string(i));
  full.run_bodies();
  full.forget("gone");
  full.crash();
  take_the_slots();
  ASSERT_EQ(full.conductor().running(), 2U);
  full.move(1h);
  EXPECT_THAT(messages_of_full(), ElementsAre(HasSubstr("of which 250 instances are due")));
  const std::size_t rows = full.store().rows();
  EXPECT_LE(rows, std::size_t{count});
  full.move(1h);
  EXPECT_EQ(full.store().rows(), rows) << "each once";
  rest();
}

TEST_F(ConcernWithoutASlot, ReadsNoRowsWhereEveryVersionIsDefined) {
  full.begin();
  full.define("w", sleeps);
  for (int i = 1; i <= 20; ++i) full.create("w");
  full.run_bodies();
  full.crash();
  take_the_slots();
  full.move(1h);
  EXPECT_EQ(full.store().rows(), 0U);
  rest();
}

TEST_F(ConcernWithoutASlot, WaitsForItsTurnWhereItCannotBeRead) {
  full.begin();
  full.define("gone", sleeps);
  full.create("gone", "order-1");
  full.run_bodies();
  full.forget("gone");
  full.crash();
  take_the_slots();
  full.store().fail_reads_for_health(true);
  full.move(1h);
  EXPECT_FALSE(full.conductor().outage());
  full.run_bodies();
  EXPECT_THAT(messages_of_full(), Contains(HasSubstr(R"(the oldest is "order-1")")));
  full.store().fail_reads_for_health(false);
  rest();
}

TEST(ConcernList, NamesTheOneThatNeedsSomebodyForLongest) {
  engine::ConcernList concerns;
  const engine::ConcernList::Version version{1, 0};
  const auto oldest = [&] { return concerns.find(version)->oldest()->id; };
  for (Key key = 1; key <= 4; ++key)
    concerns.add(version, key, {.id = std::to_string(key), .since = Time{Duration{10 - key}}});
  EXPECT_EQ(oldest(), "4");
  concerns.remove(1, 4);
  EXPECT_EQ(oldest(), "3");
  concerns.add(version, 3, {.id = "3", .since = Time{Duration{20}}});
  EXPECT_EQ(oldest(), "2");
  concerns.forget(version, 1, 2);
  EXPECT_EQ(oldest(), "1");
  EXPECT_EQ(concerns.find(version)->by_age.size(), concerns.find(version)->known.size());
}

TEST(ConcernList, KnowsTheFirstAndThatThereAreMore) {
  engine::ConcernList concerns;
  const engine::ConcernList::Version version{1, 0};
  const auto last = static_cast<Key>(engine::ConcernList::known_max) + 10;
  for (Key key = last; key > 0; --key) concerns.add(version, key, {.id = std::to_string(key)});
  ASSERT_NE(concerns.find(version), nullptr);
  EXPECT_TRUE(concerns.find(version)->more);
  EXPECT_EQ(concerns.find(version)->known.size(), engine::ConcernList::known_max);
  EXPECT_EQ(concerns.find(version)->known.begin()->second.id, "1");
  EXPECT_FALSE(concerns.remove(1, last)) << "it is one of the others";
  EXPECT_FALSE(concerns.remove(2, 1));
  EXPECT_EQ(concerns.remove(1, 1), version);
  EXPECT_EQ(concerns.find(version)->known.begin()->second.id, "2");
}

}  // namespace
}  // namespace cairn::testing
