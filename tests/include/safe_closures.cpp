#include <cairn/cairn.hpp>

#include <string>
#include <vector>

using namespace std::chrono_literals;

// Every compiler takes these forms.
cairn::Task<std::string> pay(cairn::Context& ctx, std::string card) {
  const auto named = [card] { return "charged " + card; };
  std::string first = co_await ctx.step("named", named);
  std::string second = co_await ctx.step("by reference", {.timeout = 30s}, [&] { return "charged " + card; });
  int third = co_await ctx.step("a number", [cents = 42] { return cents; });
  const std::vector<int> cents{1, 2};
  const auto of_one = [card](int one) { return card + std::to_string(one); };
  std::vector<std::string> fourth = co_await ctx.map("named", cents, of_one);
  std::vector<std::string> fifth = co_await ctx.map("by reference", cents,
                                                    [&](int one) { return card + std::to_string(one); });
  co_return fourth.at(0) + fifth.at(1) + first + second + std::to_string(third);
}
