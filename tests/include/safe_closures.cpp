#include <cairn/cairn.hpp>

#include <string>

using namespace std::chrono_literals;

// Every compiler takes these forms.
cairn::Task<std::string> pay(cairn::Context& ctx, std::string card) {
  const auto named = [card] { return "charged " + card; };
  std::string first = co_await ctx.step("named", named);
  std::string second = co_await ctx.step("by reference", {.timeout = 30s}, [&] { return "charged " + card; });
  int third = co_await ctx.step("a number", [cents = 42] { return cents; });
  co_return first + second + std::to_string(third);
}
