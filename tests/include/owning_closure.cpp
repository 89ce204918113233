#include <cairn/cairn.hpp>

#include <string>

// A closure that owns a string, written inside the co_await expression.
cairn::Task<std::string> pay(cairn::Context& ctx, std::string card) {
  std::string receipt = co_await ctx.step("pay", [card] { return "charged " + card; });
  co_return receipt;
}
