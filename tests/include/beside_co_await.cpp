// What g++ 12 would destroy twice: every public function that takes a callable, or may be called inside a
// co_await expression with a value that is written there. Behind `g++ 12 says:` stands what that compiler is
// to say, and no other error; every other compiler takes it all.

#include <cairn/asio.hpp>
#include <cairn/cairn.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <functional>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using boost::asio::awaitable;
using boost::asio::use_awaitable;
using cairn::Context;
using cairn::Task;

struct Charge {
  std::string card;
  int operator()() const { return static_cast<int>(card.size()); }
};

// g++ 12 says: name the closure first, or capture by reference what outlives the await
Task<void> step(Context& ctx, std::string card) {
  int result = co_await ctx.step("pay", [card] { return static_cast<int>(card.size()); });
  static_cast<void>(result);
}

// g++ 12 says: name the closure first, or capture by reference what outlives the await
Task<void> step_with_options(Context& ctx, std::string card) {
  int result = co_await ctx.step("pay", {.timeout = 30s}, [card] { return static_cast<int>(card.size()); });
  static_cast<void>(result);
}

// g++ 12 says: name the closure first, or capture by reference what outlives the await
Task<void> step_of_a_function(Context& ctx, std::string card) {
  int result = co_await ctx.step("pay",
                                 std::function<int()>{[card] { return static_cast<int>(card.size()); }});
  static_cast<void>(result);
}

// g++ 12 says: name the closure first, or capture by reference what outlives the await
Task<void> step_of_an_object(Context& ctx, std::string card) {
  int result = co_await ctx.step("pay", Charge{card});
  static_cast<void>(result);
}

// g++ 12 says: name the closure first, or capture by reference what outlives the await
Task<void> step_among_branches(Context& ctx, std::string card) {
  auto result = co_await cairn::all(ctx.step("pay", [card] { return card; }), ctx.sleep("nap", 1s));
  static_cast<void>(result);
}

// g++ 12 says: name the closure first, or capture by reference what outlives the await
Task<void> awaitable_step(Context& ctx, std::string card) {
  int result = co_await ctx.step("pay",
                                 [card]() -> awaitable<int> { co_return static_cast<int>(card.size()); });
  static_cast<void>(result);
}

// g++ 12 says: name the closure first, or capture by reference what outlives the await
Task<void> map(Context& ctx, std::string card, std::vector<int> cents) {
  auto result = co_await ctx.map("pay", cents, [card](int one) { return card + std::to_string(one); });
  static_cast<void>(result);
}

// g++ 12 says: name the closure first, or capture by reference what outlives the await
Task<void> map_with_options(Context& ctx, std::string card, std::vector<int> cents) {
  auto result = co_await ctx.map("pay", {.timeout = 30s}, cents,
                                 [card](int one) { return card + std::to_string(one); });
  static_cast<void>(result);
}

// g++ 12 says: name the closure first, or capture by reference what outlives the await
Task<void> map_of_a_function(Context& ctx, std::string card, std::vector<int> cents) {
  auto result = co_await ctx.map("pay", cents, std::function<int(int)>{[card](int one) { return one; }});
  static_cast<void>(result);
}

// g++ 12 says: destroys this range twice when it stands inside a co_await expression: name the value first
Task<void> map_over_an_array(Context& ctx, std::string card) {
  auto result = co_await ctx.map("pay", std::array<std::string, 2>{card, card},
                                 [](const std::string& one) { return one; });
  static_cast<void>(result);
}

// The body of a step, or the host itself.
// g++ 12 says: destroys what stands in create() twice inside a co_await expression: name the value first
awaitable<int> create(cairn::Workflow<std::string, int> workflow) {
  int result = co_await workflow.create({.id = "a", .params = "visa"}).async_wait(use_awaitable);
  co_return result;
}

// g++ 12 says: destroys what stands in create() twice inside a co_await expression: name the value first
awaitable<int> create_and_send(cairn::Workflow<std::string, char> workflow) {
  co_await workflow.create({.id = "a", .params = "visa"}).async_send_event("paid", 7, use_awaitable);
  co_return 0;
}

// g++ 12 says: destroys what stands in create() twice inside a co_await expression: name the value first
awaitable<int> create_text(cairn::Workflow<cairn::json, long> workflow) {
  int result = static_cast<int>(co_await workflow.create_text({.id = "a"}).async_wait(use_awaitable));
  co_return result;
}
