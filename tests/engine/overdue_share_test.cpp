#include "engine/scheduler/share.hpp"
#include "tests/engine/shares.hpp"

#include <algorithm>
#include <variant>

// Seconds that nobody ran for are due all at once. They are done in pieces, as an engine has them, and
// whoever calls meanwhile has his answer from the turn in which he comes.
namespace cairn::testing {
namespace {

Task<int> ticks(Context& ctx, int count) {
  for (int i = 1; i <= count; ++i) {
    const Time tick = ctx.created() + i * 1s;
    co_await ctx.sleep_until("tick", tick);
  }
  co_return count;
}

class OverdueShares : public ::testing::Test {
 protected:
  void SetUp() override {
    h.begin();
    h.define("ticks", ticks);
    h.define("quick", shares::quick);
  }

  // All wait for their first tick, and a day passes without an engine.
  void leave_overdue(const std::vector<std::string>& ids, int count) {
    for (const std::string& id : ids) keys.push_back(h.create("ticks", id, std::to_string(count)));
    h.crash_before_begin();
    h.pass(24h);
    h.turn({engine::Begin{}});
  }

  // A turn in which somebody creates an instance. It is one group: what it made is answered with that.
  void take_turn_with_a_create() {
    const std::string id = "other-" + std::to_string(turns++);
    const std::size_t groups = h.groups();
    h.turn({h.create_input("quick", id)});
    EXPECT_EQ(h.groups() - groups, 1U);
    const Key key = shares::key_of(h, id);
    EXPECT_NE(key, 0) << id << " is answered in its own turn";
    others.push_back(key);
  }

  [[nodiscard]] std::size_t most_ticks_in_a_turn() const {
    std::size_t most = 0;
    for (const std::vector<Change>& group : h.store().groups()) {
      std::size_t ticks = 0;
      for (const Change& change : group) {
        if (const auto* advance = std::get_if<Advance>(&change)) ticks += advance->results.size();
      }
      most = std::max(most, ticks);
    }
    return most;
  }

  [[nodiscard]] bool all_have_ended() const {
    return std::ranges::all_of(keys, [&](Key key) { return is_finished(h.status(key)); });
  }

  void expect_all_to_end_right(const std::string& output) {
    h.run_bodies();
    for (const Key key : keys) EXPECT_EQ(h.output(key), output);
    for (const Key key : others) EXPECT_EQ(h.output(key), "1");
    h.expect_at_rest();
  }

  // A tick begins and ends.
  static constexpr std::size_t price = 2 * engine::Share::change;
  const engine::ConductorOptions usual = {};
  Harness h;
  std::vector<Key> keys;
  std::vector<Key> others;
  std::size_t turns = 0;
};

TEST_F(OverdueShares, OfOneInstanceLeaveEveryCreateItsAnswerInItsOwnTurn) {
  leave_overdue({"it"}, 5'000);
  const std::size_t share = (usual.handful + usual.share) / price;
  while (!all_have_ended() && turns < 1'000) {
    take_turn_with_a_create();
    EXPECT_EQ(h.bodies().size(), turns) << "it has begun in the same turn";
  }
  EXPECT_LE(most_ticks_in_a_turn(), share + 1);
  EXPECT_GE(turns, 5'000 / share);
  EXPECT_LE(turns, 2 * 5'000 / share) << "but whoever comes in between does not keep it from its share";
  expect_all_to_end_right("5000");
}

TEST_F(OverdueShares, OfManyInstancesLeaveEveryCreateItsAnswerInItsOwnTurn) {
  std::vector<std::string> ids;
  for (int i = 0; i < 1'000; ++i) ids.push_back("it-" + std::to_string(i));
  leave_overdue(ids, 20);
  // Those that wake have a handful each; what goes beyond it is shared by all, and who goes on has a handful
  // besides, which is less than that.
  const std::size_t share = (usual.begins * usual.handful + 2 * usual.turn_share) / price;
  while (!all_have_ended() && turns < 1'000) take_turn_with_a_create();
  EXPECT_LE(most_ticks_in_a_turn(), share);
  EXPECT_GE(turns, 20'000 / share);
  EXPECT_LT(turns, 100U);
  expect_all_to_end_right("20");
}

}  // namespace
}  // namespace cairn::testing
