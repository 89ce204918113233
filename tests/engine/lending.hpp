#pragma once

#include "tests/engine/harness.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace cairn::testing {

/// Bodies that wait for other instances, and lend what they hold, where there is one slot.
class Lending : public ::testing::Test {
 protected:
  explicit Lending(engine::ConductorOptions options = {.concurrency = 1, .workers = 1}) : h{options} {
    h.begin();
    h.define("parent", parent);
    h.define("child", child);
  }
  void TearDown() override { h.expect_at_rest(); }

  static Task<int> parent(Context& ctx) {
    int result = co_await ctx.step("call", {.timeout = 1h}, [] { return 1; });
    co_return result;
  }
  static Task<int> child(Context& ctx) {
    int result = co_await ctx.step("work", [] { return 2; });
    co_return result;
  }

  [[nodiscard]] const engine::RunBody& body(Key key) const {
    return *std::ranges::find(h.bodies(), key, &engine::RunBody::key);
  }
  [[nodiscard]] bool holds_body(Key key) const {
    return std::ranges::find(h.bodies(), key, &engine::RunBody::key) != h.bodies().end();
  }
  [[nodiscard]] engine::Lend lend(Key key, detail::WaitNumber wait = 1) const {
    return {.key = key, .residency = body(key).residency, .started_seq = body(key).started_seq, .wait = wait};
  }
  [[nodiscard]] engine::TakeBack take_back(Key key, bool at_once = false, detail::WaitNumber wait = 1) {
    return {.key = key,
            .residency = body(key).residency,
            .started_seq = body(key).started_seq,
            .wait = wait,
            .at_once = at_once,
            .granted = std::make_shared<engine::Grant>([this, key] { granted.push_back(key); })};
  }

  Harness h;
  std::vector<Key> granted;
};

}  // namespace cairn::testing
