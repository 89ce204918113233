#include "tests/engine/shares.hpp"

#include <algorithm>

namespace cairn::testing::shares {

Task<void> without_end(Context& ctx) {
  for (int i = 0; i >= 0; i = (i + 1) % 100) co_await ctx.sleep("again", 0ms);
}

Task<int> sleeps(Context& ctx, int count) {
  for (int i = 0; i < count; ++i) co_await ctx.sleep("nap", 0ms);
  co_return count;
}

Task<int> quick(Context& ctx) {
  co_return co_await ctx.step("s", [] { return 1; });
}

Key key_of(const Harness& h, const std::string& id) {
  for (const InstanceRow& row : h.store().list({.limit = 1'000'000})) {
    if (row.id == id) return row.key;
  }
  return 0;
}

std::size_t largest_group(const Harness& h) {
  std::size_t most = 0;
  for (const std::vector<Change>& group : h.store().groups()) most = std::max(most, group.size());
  return most;
}

engine::ConductorOptions small_shares() {
  engine::ConductorOptions options;
  options.handful = 16;
  options.share = 64;
  options.turn_share = 256;
  options.spare = 100;  // places for all bodies at once
  return options;
}

}  // namespace cairn::testing::shares
