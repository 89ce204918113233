// Every compiler takes these forms: what is named, what is trivially destroyed, and whatever is no aggregate.

#include <cairn/asio.hpp>
#include <cairn/cairn.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <array>
#include <exception>
#include <string>
#include <type_traits>
#include <vector>

using namespace std::chrono_literals;
using boost::asio::awaitable;
using boost::asio::use_awaitable;

// What may be written in braces inside a co_await expression.
static_assert(std::is_trivially_destructible_v<cairn::StepOptions>);
static_assert(std::is_trivially_destructible_v<cairn::RetryOptions>);
static_assert(std::is_trivially_destructible_v<cairn::EventOptions>);
static_assert(std::is_trivially_destructible_v<cairn::BatchOptions>);
static_assert(std::is_trivially_destructible_v<cairn::DescribeOptions>);
static_assert(std::is_trivially_destructible_v<cairn::Retention>);

std::vector<std::string> files();

cairn::Task<void> over_ranges(cairn::Context& ctx, std::string card) {
  const std::array<std::string, 2> named{card, card};
  const auto same = [](const std::string& one) { return one; };
  std::vector<std::string> first = co_await ctx.map("named", named, same);
  std::vector<std::string> second = co_await ctx.map("a call", files(), same);
  std::vector<int> third = co_await ctx.map("numbers", std::array{1, 2}, [](int one) { return one; });
  cairn::Event event = co_await ctx.wait_for_event(card, {.type = card + "-paid", .timeout = 1h});
}

awaitable<int> create(cairn::Workflow<std::string, int> workflow) {
  const cairn::NewInstance<std::string> entry{.id = "a", .params = "visa"};
  int sum = co_await workflow.create(entry).async_wait(use_awaitable);
  auto instance = workflow.create({.id = "b", .params = "visa"});
  sum += co_await instance.async_wait(use_awaitable);
  sum += co_await workflow.get("c").async_wait(use_awaitable);
  co_await instance.async_send_event("paid", 7, use_awaitable);
  co_return sum;
}

// Outside of coroutines nothing is refused.
int create_elsewhere(cairn::Engine& engine, std::string card) {
  auto workflow = engine.define("w", [card](cairn::Context& ctx) -> cairn::Task<int> {
    int length = co_await ctx.step("length", [&] { return static_cast<int>(card.size()); });
    co_return length;
  });
  workflow.create({.id = "a"}).async_wait([card](std::exception_ptr, int) {});
  workflow.create({.id = "b"}).async_send_event(card, 7, [card](std::exception_ptr) {});
  cairn::Instance<int> instance = workflow.create({});
  return workflow.create({.id = "c"}).async_wait(boost::asio::use_future).get() + instance.wait();
}
