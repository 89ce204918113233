#include "tests/counts.hpp"
#include "tests/engine/harness.hpp"

#include <stdexcept>

namespace cairn::testing {
namespace {

// Short sequences of everything that can happen to an instance, all of them, with the store failing anywhere.
// What must hold every time: it ends, right, at rest, and no recorded body runs again.

Task<int> left_branch(Context& ctx) {
  int a = co_await ctx.step("a", {.retries = {.delay = 1s}}, [](StepContext& step) {
    if (step.attempt() == 1) throw std::runtime_error("once");
    return 1;
  });
  int b = co_await ctx.step("b", [] { return 2; });
  co_return a + b;
}

Task<int> right_branch(Context& ctx) {
  Event event = co_await ctx.wait_for_event("wait", {.type = "go"});
  co_await ctx.sleep("nap", 1min);
  int c = co_await ctx.step("c", [] { return 4; });
  co_return c;
}

Task<int> two_branches(Context& ctx) {
  auto [left, right] = co_await all(left_branch(ctx), right_branch(ctx));
  int last = co_await ctx.step("last", [] { return 8; });
  co_return left + right + last;
}

enum class Move { result, event, time, pause, resume, restart, crash };
constexpr int moves = 7;

class Storm {
 public:
  explicit Storm(engine::ConductorOptions options = {}) : h(std::move(options)) {
    h.begin();
    h.define("w", two_branches);
    key = h.create("w", "it");
  }

  // Plays the moves: those of one turn are given together.
  void play(const std::vector<Move>& sequence, bool together) {
    std::vector<engine::Input> inputs;
    for (const Move move : sequence) {
      if (move == Move::crash) {
        h.give(std::exchange(inputs, {}));
        h.crash();
      } else if (move == Move::result && h.bodies().empty()) {
        h.give(std::exchange(inputs, {}));
      } else {
        inputs.push_back(input(move));
        if (!together) h.give(std::exchange(inputs, {}));
      }
    }
    h.give(std::move(inputs));
  }

  void drive_to_the_end() {
    for (int rounds = 0; rounds < 50 && !is_finished(h.status(key)); ++rounds) {
      h.run_bodies();
      if (h.status(key) == Status::paused) h.resume(key);
      if (waits_for_event()) h.send(key, "go");
      h.finish(10min);
    }
    EXPECT_EQ(h.status(key), Status::complete) << to_string(h.status(key));
    EXPECT_EQ(h.output(key), "15");
    h.expect_at_rest();
    EXPECT_EQ(h.conductor().residents(), 0U);
  }

  Harness h;
  Key key = 0;

 private:
  engine::Input input(Move move) {
    switch (move) {
      case Move::result:
        return h.take_result();
      case Move::event:
        return Harness::event_input(key, "go");
      case Move::time:
        h.pass(2min);
        return engine::Tick{};
      case Move::pause:
        return h.control_input(key, Command::pause);
      case Move::resume:
        return h.control_input(key, Command::resume);
      case Move::restart:
        return h.control_input(key, Command::restart);
      case Move::crash:
        break;
    }
    throw std::logic_error{"a crash is no input"};
  }

  bool waits_for_event() {
    const History record = h.history(key);
    for (const StepRow& step : record.steps) {
      if (step.kind == StepKind::wait_for_event && !step.ended_seq) return record.events.empty();
    }
    return false;
  }
};

std::vector<Move> sequence_of(int number, int length) {
  std::vector<Move> sequence;
  for (int i = 0; i < length; ++i, number /= moves) sequence.push_back(static_cast<Move>(number % moves));
  return sequence;
}

int count_of(int length) {
  int count = 1;
  for (int i = 0; i < length; ++i) count *= moves;
  return count;
}

std::string text_of(const std::vector<Move>& sequence) {
  static const char* const names[] = {"result", "event", "time", "pause", "resume", "restart", "crash"};
  std::string text;
  for (const Move move : sequence) text += std::string{names[static_cast<int>(move)]} + " ";
  return text;
}

void play_all(int length, const std::function<void(const std::vector<Move>&)>& play) {
  const int stride = static_cast<int>(sequence_stride());
  for (int number = 0; number < count_of(length); number += stride) {
    const std::vector<Move> sequence = sequence_of(number, length);
    SCOPED_TRACE(text_of(sequence));
    ASSERT_NO_THROW(play(sequence));
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(Storm, EverySequenceOfFourEndsRight) {
  for (const bool together : {false, true}) {
    play_all(4, [&](const std::vector<Move>& sequence) {
      Storm storm;
      storm.play(sequence, together);
      storm.drive_to_the_end();
    });
  }
}

TEST(Storm, EverySequenceEndsRightWhenNothingStaysInMemory) {
  for (const bool together : {false, true}) {
    play_all(4, [&](const std::vector<Move>& sequence) {
      Storm storm{{.concurrency = 1, .resident = 0}};
      storm.play(sequence, together);
      storm.drive_to_the_end();
    });
  }
}

TEST(Storm, EverySequenceEndsRightWhenEachGoesOnInTheSmallestPieces) {
  for (const bool together : {false, true}) {
    play_all(4, [&](const std::vector<Move>& sequence) {
      engine::ConductorOptions options;
      options.handful = 1;
      options.share = 1;
      options.turn_share = 1;
      options.loaded_bytes = 1;
      options.page_bytes = 1;
      options.resident = 0;
      Storm storm{options};
      storm.play(sequence, together);
      storm.drive_to_the_end();
    });
  }
}

TEST(Storm, EverySequenceOfThreeEndsRightWhereverAGroupFails) {
  for (const Mishap mishap : {Mishap::refused, Mishap::unknown_lost, Mishap::unknown_written}) {
    for (std::size_t at = 0; at < 4; ++at) {
      for (const bool together : {false, true}) {
        SCOPED_TRACE(std::string{to_string(mishap)} + " at group " + std::to_string(at) +
                     (together ? ", together" : ", one by one"));
        play_all(3, [&](const std::vector<Move>& sequence) {
          Storm storm;
          storm.h.store().plan(mishap, at);
          storm.play(sequence, together);
          storm.h.store().heal();
          storm.h.move(1s);
          storm.drive_to_the_end();
        });
        if (::testing::Test::HasFailure()) return;
      }
    }
  }
}

TEST(Storm, EverySequenceOfThreeEndsRightWhereverItCrashes) {
  for (const Mishap mishap : {Mishap::crash_before, Mishap::crash_after}) {
    for (std::size_t at = 0; at < 4; ++at) {
      SCOPED_TRACE(std::string{to_string(mishap)} + " at group " + std::to_string(at));
      play_all(3, [&](const std::vector<Move>& sequence) {
        Storm storm;
        storm.h.store().plan(mishap, at);
        storm.play(sequence, false);
        storm.h.store().heal();
        storm.drive_to_the_end();
      });
      if (::testing::Test::HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace cairn::testing
