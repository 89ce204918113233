#include "tests/storage/store_fixture.hpp"

#include <cairn/error.hpp>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

// Laws of the reads that ask for a part of a history.
namespace cairn::testing {
namespace {

class HistoryTest : public StoreTest {
 protected:
  // An instance with outputs of several lengths, a step that failed and one that is open, and two events.
  Key make() {
    const Key key = create_in(Status::running, "a");
    const std::vector<std::string> outputs{"1", "\"" + std::string(5'000, 'x') + "\"",
                                           "\"\u00e4\u20ac\U0001d11e\""};
    Sequence sequence = 0;
    for (const std::string& output : outputs) {
      start_step(key, sequence + 1, "step" + std::to_string(sequence));
      record(key, ended(sequence + 1, sequence + 2, output));
      sequence += 2;
    }
    start_step(key, sequence + 1, "tried");
    record(key, failed(sequence + 1, 1, at(5'000'000)));
    start_wait(key, sequence + 2, "word");
    send(key, "other", "\"" + std::string(100, 'y') + "\"");
    send(key, "other");
    return key;
  }

  // It waits, and has one output of a byte.
  Key make_short() {
    const Key key = create_in(Status::running, "b");
    start_step(key, 1, "step");
    record(key, ended(1, 2, "1"));
    start_wait(key, 3, "word");
    leave(key, Cause::wait);
    return key;
  }

  History part(Key key, const HistoryOptions& options) { return store().history(key, options).value(); }
};
INSTANTIATE_TEST_SUITE_P(Stores, HistoryTest,
                         ::testing::Values(Kind::memory, Kind::sqlite_file, Kind::sqlite_memory), name_of);

TEST_P(HistoryTest, TellsHowManyStepsAndEventsThereAreWhateverIsRead) {
  const Key key = make();
  const History whole = history(key);
  EXPECT_EQ(whole.step_count, 5U);
  EXPECT_EQ(whole.steps.size(), 5U);
  EXPECT_EQ(whole.event_count, 2U);
  for (const HistoryOptions& options :
       {HistoryOptions{.steps = false, .events = false}, HistoryOptions{.step = StepName{.name = "tried"}},
        HistoryOptions{.output_characters = 0}}) {
    EXPECT_EQ(part(key, options).step_count, 5U);
    EXPECT_EQ(part(key, options).event_count, 2U);
  }
}

TEST_P(HistoryTest, WithoutStepsOrEventsIsTheSameOtherwise) {
  const Key key = make();
  History whole = history(key);
  EXPECT_EQ(part(key, {}), whole);
  whole.events.clear();
  EXPECT_EQ(part(key, {.events = false}), whole);
  whole.steps.clear();
  EXPECT_EQ(part(key, {.steps = false, .events = false}), whole);
  EXPECT_EQ(part(key, {.steps = false, .events = false, .output_characters = 3}), whole);
}

TEST_P(HistoryTest, CutsOutputsBetweenCodePoints) {
  const Key key = make();
  const std::string signs = "\"\u00e4\u20ac\U0001d11e\"";  // 5 code points, 11 bytes
  const std::vector<std::string> firsts{"",   "\"", "\"\u00e4", "\"\u00e4\u20ac", "\"\u00e4\u20ac\U0001d11e",
                                        signs};
  for (std::size_t characters = 0; characters <= 5; ++characters) {
    const History cut = part(key, {.output_characters = characters});
    EXPECT_EQ(cut.steps[2].output, firsts[characters]);
    EXPECT_EQ(cut.steps[2].cut, characters < 5) << characters;
    EXPECT_EQ(cut.steps[0].cut, characters < 1) << characters;
    EXPECT_TRUE(cut.steps[1].cut);
    EXPECT_EQ(cut.steps[1].output.size(), characters);
    EXPECT_FALSE(cut.steps[3].cut) << "it has no output yet";
  }
  EXPECT_EQ(part(key, {.output_characters = 5'002}), history(key)) << "nothing is longer";
  EXPECT_EQ(part(key, {.output_characters = HistoryOptions::all - 1}), history(key));
}

TEST_P(HistoryTest, LeavesOutputsOutWhenThereAreSoManyBytesOfThem) {
  const Key key = make();  // of 1, 5,002 and 11 bytes
  const History whole = history(key);
  for (const auto& [bytes, there] :
       std::vector<std::pair<std::size_t, std::size_t>>{{0, 0}, {1, 1}, {2, 2}, {5'003, 2}, {5'004, 3}}) {
    History expected = whole;
    for (std::size_t i = there; i < 3; ++i) {
      expected.steps[i].output.clear();
      expected.steps[i].cut = true;
    }
    EXPECT_EQ(part(key, {.output_bytes = bytes}), expected) << bytes;
    const std::vector<Key> keys{key};
    EXPECT_EQ(store().load(keys, bytes).at(0), expected) << bytes;
  }
  EXPECT_TRUE(part(key, {.output_characters = 3, .output_bytes = 3}).steps[1].cut);
  EXPECT_EQ(part(key, {.output_characters = 3, .output_bytes = 3}).steps[1].output.size(), 3U);
  EXPECT_TRUE(part(key, {.output_characters = 3, .output_bytes = 3}).steps[2].output.empty());
}

TEST_P(HistoryTest, CountsTheOutputsOfAllThatAreReadTogether) {
  const std::vector<Key> keys{make(), make_short()};
  const auto both = store().load(keys, 5'014);
  EXPECT_FALSE(both.at(0)->steps[2].cut);
  EXPECT_TRUE(both.at(1)->steps[0].cut) << "the first has taken all";
  EXPECT_FALSE(store().load(keys, 5'015).at(1)->steps[0].cut);
  const std::vector<EventTarget> targets{{keys[0], "word"}, {keys[1], "word"}};
  EXPECT_FALSE(store().awaiting(targets, 5'014).at(0)) << "it is running";
  EXPECT_TRUE(store().awaiting(targets, 5'014).at(1)->steps[0].cut) << "it was read all the same";
  EXPECT_FALSE(store().awaiting(targets, 5'015).at(1)->steps[0].cut);
}

TEST_P(HistoryTest, GivesTheOutputsThatWereLeftOut) {
  const Key key = make();
  const History whole = history(key);
  const auto numbers = [&](Sequence first, Sequence last, std::size_t bytes) {
    std::vector<Sequence> found;
    for (const StepOutput& read : store().outputs({key, first, last, bytes})) {
      const auto step = std::ranges::find(whole.steps, read.started_seq, &StepRow::started_seq);
      EXPECT_EQ(read.output, step->output);
      found.push_back(read.started_seq);
    }
    return found;
  };
  using Numbers = std::vector<Sequence>;
  EXPECT_EQ(numbers(1, 100, HistoryOptions::all), (Numbers{1, 3, 5})) << "the others have none";
  EXPECT_EQ(numbers(1, 100, 0), Numbers{1}) << "one in any case";
  EXPECT_EQ(numbers(1, 100, 1), Numbers{1});
  EXPECT_EQ(numbers(1, 100, 2), (Numbers{1, 3}));
  EXPECT_EQ(numbers(2, 100, 5'002), Numbers{3});
  EXPECT_EQ(numbers(2, 4, HistoryOptions::all), Numbers{3});
  EXPECT_EQ(numbers(5, std::numeric_limits<Sequence>::max(), HistoryOptions::all), Numbers{5});
  EXPECT_EQ(numbers(6, 100, HistoryOptions::all), Numbers{});
  EXPECT_TRUE(store().outputs({key + 100, 1, 100, 1}).empty());
}

TEST_P(HistoryTest, GivesOneStepAlone) {
  const Key key = make();
  const History whole = history(key);
  for (const StepRow& step : whole.steps) {
    const History found = part(key, {.step = StepName{step.kind, step.name, step.count}});
    ASSERT_EQ(found.steps.size(), 1U) << step.name;
    EXPECT_EQ(found.steps[0], step);
    EXPECT_EQ(found.row, whole.row);
    EXPECT_TRUE(found.params.empty());
    EXPECT_TRUE(found.events.empty());
  }
  EXPECT_TRUE(part(key, {.step = StepName{.name = "tried", .count = 2}}).steps.empty());
  EXPECT_TRUE(part(key, {.step = StepName{StepKind::sleep, "tried", 1}}).steps.empty());
  EXPECT_TRUE(part(key, {.step = StepName{.name = "unheard of"}}).steps.empty());
}

TEST_P(HistoryTest, IsRefusedWhereItWouldTakeMoreThanIsAllowed) {
  const Key key = make();
  const auto refused = [&](const HistoryOptions& options) {
    try {
      part(key, options);
      return false;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Errc::too_large);
      return true;
    }
  };
  EXPECT_TRUE(refused({.bytes_max = 5'000}));
  EXPECT_FALSE(refused({.bytes_max = 12'000}));
  EXPECT_FALSE(refused({.output_characters = 10, .bytes_max = 5'000})) << "a part is measured, not the whole";
  EXPECT_FALSE(refused({.steps = false, .events = false, .bytes_max = 5}));
  EXPECT_TRUE(refused({.steps = false, .events = false, .bytes_max = 2})) << "the params have 3";
  EXPECT_TRUE(refused({.steps = false, .bytes_max = 100})) << "an event has as much";
  EXPECT_TRUE(refused({.step = StepName{.name = "step2"}, .bytes_max = 5'000}));
  EXPECT_FALSE(refused({.step = StepName{.name = "step0"}, .bytes_max = 5'000}));
  EXPECT_EQ(history(key).steps.size(), 5U) << "the next read works";
}

}  // namespace
}  // namespace cairn::testing
