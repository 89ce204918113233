// What g++ 12 would destroy twice, each in a case of its own: every public function that takes a callable, or
// may be called inside a co_await expression with a value that is written there. `CASE` says which.

#include <cairn/cairn.hpp>

#include <array>
#include <functional>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using cairn::Context;
using cairn::Task;

#define STEP 1
#define STEP_WITH_OPTIONS 2
#define STEP_OF_A_FUNCTION 3
#define STEP_OF_AN_OBJECT 4
#define STEP_AMONG_BRANCHES 5
#define AWAITABLE_STEP 6
#define MAP 7
#define MAP_WITH_OPTIONS 8
#define MAP_OF_A_FUNCTION 9
#define MAP_OVER_AN_ARRAY 10
#define CREATE 11
#define CREATE_AND_SEND 12
#define CREATE_TEXT 13

// Boost.Asio takes the compiler as long as all else.
#if CASE == AWAITABLE_STEP || CASE >= CREATE
#include <cairn/asio.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

using boost::asio::awaitable;
using boost::asio::use_awaitable;
#endif

struct Charge {
  std::string card;
  int operator()() const { return static_cast<int>(card.size()); }
};

Task<void> run(Context& ctx, std::string card, std::vector<int> cents) {
#if CASE == STEP
  int result = co_await ctx.step("pay", [card] { return static_cast<int>(card.size()); });
#elif CASE == STEP_WITH_OPTIONS
  int result = co_await ctx.step("pay", {.timeout = 30s}, [card] { return static_cast<int>(card.size()); });
#elif CASE == STEP_OF_A_FUNCTION
  int result = co_await ctx.step("pay",
                                 std::function<int()>{[card] { return static_cast<int>(card.size()); }});
#elif CASE == STEP_OF_AN_OBJECT
  int result = co_await ctx.step("pay", Charge{card});
#elif CASE == STEP_AMONG_BRANCHES
  auto result = co_await cairn::all(ctx.step("pay", [card] { return card; }), ctx.sleep("nap", 1s));
#elif CASE == AWAITABLE_STEP
  int result = co_await ctx.step("pay",
                                 [card]() -> awaitable<int> { co_return static_cast<int>(card.size()); });
#elif CASE == MAP
  auto result = co_await ctx.map("pay", cents, [card](int one) { return card + std::to_string(one); });
#elif CASE == MAP_WITH_OPTIONS
  auto result = co_await ctx.map("pay", {.timeout = 30s}, cents,
                                 [card](int one) { return card + std::to_string(one); });
#elif CASE == MAP_OF_A_FUNCTION
  auto result = co_await ctx.map("pay", cents, std::function<int(int)>{[card](int one) { return one; }});
#elif CASE == MAP_OVER_AN_ARRAY
  auto result = co_await ctx.map("pay", std::array<std::string, 2>{card, card},
                                 [](const std::string& one) { return one; });
#endif
  static_cast<void>(ctx);
  co_return;
}

#if CASE >= CREATE
// The body of a step, or the host itself.
awaitable<int> create(cairn::Workflow<std::string, int> workflow, cairn::Workflow<cairn::json, int> any) {
  int result = 0;
#if CASE == CREATE
  result = co_await workflow.create({.id = "a", .params = "visa"}).async_wait(use_awaitable);
#elif CASE == CREATE_AND_SEND
  co_await workflow.create({.id = "a", .params = "visa"}).async_send_event("paid", 7, use_awaitable);
#elif CASE == CREATE_TEXT
  result = co_await any.create_text({.id = "a"}).async_wait(use_awaitable);
#endif
  co_return result;
}
#endif
