#include "tests/engine/shares.hpp"

#include <cairn/cairn.hpp>

// Pieces of a replay that take long and cannot be divided.
namespace cairn::testing {
namespace {

struct LongPieces : ::testing::Test {
  LongPieces() : h{options()} {
    h.begin();
    h.define("w", [this](Context& ctx) -> Task<int> {
      for (int i = 0; i < 20; ++i) {
        const std::string text = co_await ctx.step("s", [] { return std::string(4'000, 'x'); });
        h.pass(piece);
        ++pieces;
      }
      Event end = co_await ctx.wait_for_event("end", {.type = "go"});
      co_return 1;
    });
    h.define("quick", shares::quick);
    key = h.create("w");
    h.run_bodies();
    h.move(1min);
    EXPECT_EQ(h.conductor().residents(), 0U);
    piece = 10ms;
    pieces = 0;
  }
  // Each result is more than a handful.
  static engine::ConductorOptions options() {
    engine::ConductorOptions options;
    options.share = 0;
    options.resident = 0;
    options.spare = 100;
    return options;
  }

  Harness h;
  Key key = 0;
  Duration piece{};
  int pieces = 0;
};

TEST_F(LongPieces, HoldUpACallerWhoIsServedInSeveralTurnsOnce) {
  h.turn({Harness::event_input(key, "go")});
  while (pieces == 0 && h.turn()) {
  }
  const int before = pieces;
  ASSERT_EQ(before, 1);
  EXPECT_FALSE(h.turn({h.create_input("quick", "other")})) << "until the piece's time has passed";
  h.turn({h.take_result()});
  EXPECT_EQ(h.output(shares::key_of(h, "other")), "1");
  EXPECT_EQ(pieces, before);
  ASSERT_EQ(h.conductor().next_uptime(), h.uptime() + 10ms);
  h.move(9ms);
  EXPECT_EQ(pieces, before);
  h.move(1ms);
  EXPECT_EQ(h.output(key), "1") << "nobody calls any more, and it goes on to its end";
  h.expect_at_rest();
}

TEST_F(LongPieces, GoOnThoughSomebodyCallsAllTheTime) {
  h.turn({Harness::event_input(key, "go")});
  for (int i = 0; i < 250 && h.status(key) != Status::complete; ++i) {
    h.turn({h.create_input("quick", "other-" + std::to_string(i))});
    h.pass(2ms);
    while (!h.bodies().empty()) h.turn({h.take_result()});
  }
  EXPECT_EQ(h.status(key), Status::complete);
}

TEST_F(LongPieces, FollowEachOtherWhileNobodyCalls) {
  h.turn({Harness::event_input(key, "go")});
  const Time begin = h.now();
  h.give({});
  EXPECT_EQ(h.output(key), "1");
  EXPECT_LE(h.now() - begin, 200ms);
}

// The host's code is not blamed for results that are decoded.
TEST_F(LongPieces, OfAReplayAreCalledSo) {
  piece = 150ms;
  h.send(key, "go");
  ASSERT_EQ(h.output(key), "1");
  ASSERT_FALSE(h.log().empty());
  for (const std::string& line : h.log()) {
    EXPECT_TRUE(line.starts_with("replaying a piece of the record of \"i-1\" of workflow \"w\" took "))
        << line;
  }
}

}  // namespace
}  // namespace cairn::testing
