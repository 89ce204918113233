#include "tests/engine/shares.hpp"

#include <cairn/cairn.hpp>

// Records whose results are long together: they are read in pages, as replay comes to them.
namespace cairn::testing {
namespace {

constexpr std::size_t step_count = 40;
constexpr std::size_t result_bytes = 100;  // of each, as JSON text
constexpr std::size_t page_bytes = 500;

engine::ConductorOptions small_pages() {
  engine::ConductorOptions options;
  options.loaded_bytes = page_bytes;
  options.page_bytes = page_bytes;
  options.resident = 0;
  options.spare = 100;
  return options;
}

// The number of a step in a long text, and back.
std::string text_of(std::size_t number) {
  std::string text = std::to_string(number);
  text.resize(result_bytes - 2, '.');
  return text;
}

Task<std::string> long_record(Context& ctx) {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < step_count; ++i) {
    const std::string text = co_await ctx.step("s", [&] { return text_of(i); });
    sum += std::stoul(text);
  }
  Event end = co_await ctx.wait_for_event("end", {.type = "go"});
  co_return std::to_string(sum);
}
constexpr char sum_of_steps[] = "\"780\"";

// It has a long record, and is not in memory.
Key create_long(Harness& h, const std::string& id = "long") {
  const Key key = h.create("long_record", id);
  h.run_bodies();
  h.move(1min);
  EXPECT_EQ(h.conductor().residents(), 0U);
  return key;
}

struct LongRecord : ::testing::Test {
  explicit LongRecord(const engine::ConductorOptions& options = small_pages()) : h{options} {
    h.begin();
    h.define("long_record", long_record);
    h.define("quick", shares::quick);
    key = create_long(h);
  }

  // What the turn has read of results.
  std::size_t bytes_of_turn(std::vector<engine::Input> inputs = {}) {
    const std::size_t before = h.store().output_bytes();
    more = h.turn(std::move(inputs));
    return h.store().output_bytes() - before;
  }
  // Its record is about to be read, and so many turns have done their part.
  void wake(int turns) {
    h.turn({Harness::event_input(key, "go")});
    for (int i = 0; i < turns; ++i) h.turn();
  }

  Harness h;
  Key key = 0;
  bool more = false;
};

TEST_F(LongRecord, IsReadInPieces) {
  const std::size_t before = h.store().output_bytes();
  EXPECT_LE(bytes_of_turn({Harness::event_input(key, "go")}), page_bytes);
  int turns = 1;
  for (; more; ++turns) EXPECT_LE(bytes_of_turn(), page_bytes);
  EXPECT_EQ(h.output(key), sum_of_steps);
  EXPECT_EQ(h.store().output_bytes() - before, step_count * result_bytes) << "each result is read once";
  EXPECT_GE(turns, 8);
  EXPECT_EQ(h.journal().size(), step_count) << "no body ran twice";
  h.expect_at_rest();
}

TEST_F(LongRecord, LetsOthersGoOnWhileItIsRead) {
  wake(2);
  EXPECT_EQ(h.status(key), Status::waiting);
  h.turn({h.create_input("quick", "other")});
  ASSERT_EQ(h.bodies().size(), 1U) << "its first step begins with the turn that creates it";
  h.turn({h.take_result()});
  EXPECT_EQ(h.output(shares::key_of(h, "other")), "1");
  EXPECT_EQ(h.status(key), Status::waiting) << "it is read still";
  h.give({});
  EXPECT_EQ(h.output(key), sum_of_steps);
  h.expect_at_rest();
}

TEST(LongRecords, ThatAreTerminatedPausedOrRestartedWhileTheyAreReadEndAsTheyShould) {
  for (const Command command : {Command::terminate, Command::pause, Command::restart}) {
    for (int turns = 0; turns < 10; ++turns) {
      SCOPED_TRACE(std::to_string(static_cast<int>(command)) + " after " + std::to_string(turns));
      Harness h{small_pages()};
      h.begin();
      h.define("long_record", long_record);
      const Key key = create_long(h);
      h.turn({Harness::event_input(key, "go")});
      for (int i = 0; i < turns; ++i) h.turn();
      if (is_finished(h.status(key))) continue;
      h.control(key, command);
      if (command == Command::terminate) {
        EXPECT_EQ(h.status(key), Status::terminated);
        h.expect_at_rest();
        continue;
      }
      if (command == Command::pause) {
        EXPECT_EQ(h.status(key), Status::paused);
        h.resume(key);
      } else {
        h.run_bodies();
        EXPECT_EQ(h.row(key).run, 2);
        h.send(key, "go");
      }
      EXPECT_EQ(h.output(key), sum_of_steps);
      EXPECT_EQ(h.journal().size(), command == Command::pause ? step_count : 2 * step_count);
      h.expect_at_rest();
    }
  }
}

TEST(LongRecords, WhoseReadFailsHalfWayAreReadToTheirEndLater) {
  for (int turns = 0; turns < 10; ++turns) {
    SCOPED_TRACE(turns);
    Harness h{small_pages()};
    h.begin();
    h.define("long_record", long_record);
    const Key key = create_long(h);
    h.turn({Harness::event_input(key, "go")});
    for (int i = 0; i < turns; ++i) h.turn();
    h.store().fail_reads(3);
    h.give({});
    h.move(1min);
    h.move(1min);
    EXPECT_EQ(h.output(key), sum_of_steps);
    EXPECT_EQ(h.journal().size(), step_count);
    h.expect_at_rest();
  }
}

TEST(LongRecords, AreReadAgainWhereverTheProcessDies) {
  for (int turns = 0; turns < 10; ++turns) {
    SCOPED_TRACE(turns);
    Harness h{small_pages()};
    h.begin();
    h.define("long_record", long_record);
    const Key key = create_long(h);
    h.turn({Harness::event_input(key, "go")});
    for (int i = 0; i < turns; ++i) h.turn();
    h.crash();
    EXPECT_EQ(h.output(key), sum_of_steps);
    EXPECT_EQ(h.journal().size(), step_count);
    h.expect_at_rest();
  }
}

TEST_F(LongRecord, OfWhichAResultIsLostIsParked) {
  wake(2);
  h.store().lose_outputs();
  h.give({});
  EXPECT_EQ(h.status(key), Status::paused);
  EXPECT_EQ(h.error(key).name, "DamagedRecord");
  EXPECT_TRUE(h.error(key).message.starts_with("step \"s-")) << h.error(key).message;
  h.expect_at_rest();
}

TEST_F(LongRecord, IsNotReadForItsEndAlone) {
  h.send(key, "go");
  ASSERT_EQ(h.output(key), sum_of_steps);
  const std::size_t before = h.store().output_bytes();
  std::optional<detail::Ended> ended;
  h.watch(key, ended);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->output, sum_of_steps);
  EXPECT_EQ(h.store().output_bytes(), before);
}

TEST(LongRecords, TakeTurnsWhenThereAreMany) {
  Harness h{small_pages()};
  h.begin();
  h.define("long_record", long_record);
  std::vector<Key> keys;
  std::vector<engine::Input> events;
  for (int i = 0; i < 5; ++i) keys.push_back(create_long(h, "long-" + std::to_string(i)));
  for (const Key key : keys) events.push_back(Harness::event_input(key, "go"));
  bool more = true;
  while (more) {
    const std::size_t before = h.store().output_bytes();
    more = h.turn(std::exchange(events, {}));
    EXPECT_LE(h.store().output_bytes() - before, 2 * page_bytes) << "records, or one page";
  }
  for (const Key key : keys) EXPECT_EQ(h.output(key), sum_of_steps);
  EXPECT_EQ(h.journal().size(), keys.size() * step_count);
  h.expect_at_rest();
}

TEST(LongRecords, ThatAreShortAreReadAtOnce) {
  engine::ConductorOptions options;
  options.resident = 0;
  Harness h{options};
  h.begin();
  h.define("long_record", long_record);
  const Key key = create_long(h);
  const std::size_t before = h.store().histories();
  EXPECT_FALSE(h.turn({Harness::event_input(key, "go")}));
  EXPECT_EQ(h.output(key), sum_of_steps);
  EXPECT_EQ(h.store().output_reads(), 0U);
  EXPECT_EQ(h.store().histories() - before, 1U);
}

// Ends are delivered in their order, which need not be that of the starts.
TEST(LongRecords, OfBranchesAreGivenInTheOrderInWhichTheyEnded) {
  std::vector<std::string> seen;
  Harness h{small_pages()};
  h.begin();
  h.define("w", [&seen](Context& ctx) -> Task<std::string> {
    auto branch = [&seen](Context& context, std::size_t number) -> Task<std::size_t> {
      const std::string first = co_await context.step("s", [&] { return text_of(number); });
      seen.push_back(std::to_string(std::stoul(first)));
      const std::string second = co_await context.step("s", [&] { return text_of(number + 100); });
      seen.push_back(std::to_string(std::stoul(second)));
      co_return number;
    };
    std::vector<Task<std::size_t>> branches;
    for (std::size_t i = 0; i < 12; ++i) branches.push_back(branch(ctx, i));
    std::vector<std::size_t> numbers = co_await all(std::move(branches));
    Event end = co_await ctx.wait_for_event("end", {.type = "go"});
    co_return std::to_string(numbers.size());
  });
  const Key key = h.create("w");
  unsigned step = 0;
  while (!h.bodies().empty()) {  // in no order
    std::size_t which = (7 * step++) % h.bodies().size();
    h.run_body(h.bodies()[which].step());
  }
  const std::vector<std::string> first = std::exchange(seen, {});
  ASSERT_EQ(first.size(), 24U);
  h.move(1min);
  ASSERT_EQ(h.conductor().residents(), 0U);
  const std::size_t before = h.store().output_bytes();
  h.send(key, "go");
  EXPECT_EQ(h.output(key), "\"12\"");
  EXPECT_EQ(seen, first);
  EXPECT_EQ(h.store().output_bytes() - before, 24 * result_bytes) << "none is read twice";
  EXPECT_EQ(h.journal().size(), 24U);
  h.expect_at_rest();
}

// Code that adopts a record may begin something new before it asks for the rest of it.
TEST(LongRecords, AreReadForAdoptingCodeWhoseBodiesRunMeanwhile) {
  Harness h{small_pages()};
  h.begin();
  h.define("w", [](Context& ctx) -> Task<std::string> {
    for (std::size_t i = 0; i < step_count; ++i) {
      const std::string text = co_await ctx.step("s", [&] { return text_of(i); });
    }
    Event end = co_await ctx.wait_for_event("end", {.type = "go"});
    co_return "old";
  });
  const Key key = h.create("w");
  h.run_bodies();
  h.forget("w");
  h.define("w",
           [](Context& ctx) -> Task<std::string> {
             auto old_part = [](Context& context) -> Task<std::size_t> {
               const std::string begin = co_await context.step("new", [] { return text_of(7); });
               std::size_t sum = std::stoul(begin);
               for (std::size_t i = 0; i < step_count; ++i) {
                 const std::string text = co_await context.step("s", [&] { return text_of(i); });
                 sum += std::stoul(text);
               }
               co_return sum;
             };
             auto [sum, other] = co_await all(old_part(ctx), ctx.step("other", [] { return 1; }));
             Event end = co_await ctx.wait_for_event("end", {.type = "go"});
             co_return std::to_string(sum + static_cast<std::size_t>(other));
           },
           {.version = "2", .adopts = {"1"}});
  h.crash();
  h.send(key, "go");
  EXPECT_EQ(h.bodies().size(), 2U);
  h.run_body("new-1");
  h.run_bodies();
  EXPECT_EQ(h.output(key), "\"788\"");
  EXPECT_EQ(h.journal().size(), step_count + 2);
  h.expect_at_rest();
}

}  // namespace
}  // namespace cairn::testing
