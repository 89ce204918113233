#include <cairn/cairn.hpp>

#include <string>
#include <vector>

// A closure that owns a string, given to `map` inside the co_await expression.
cairn::Task<std::vector<std::string>> pay(cairn::Context& ctx, std::vector<int> cents, std::string card) {
  std::vector<std::string> receipts = co_await ctx.map(
      "pay", cents, [card](int one) { return card + std::to_string(one); });
  co_return receipts;
}
