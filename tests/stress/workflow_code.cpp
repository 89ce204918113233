#include "tests/stress/workflow_code.hpp"

#include "tests/stress/workflows.hpp"

#include <cairn/asio.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <poll.h>

#include <chrono>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <stop_token>
#include <tuple>

namespace cairn::testing::code {

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr StepOptions at_once{.retries = {.limit = 5, .delay = 0ms, .backoff = Backoff::constant}};
constexpr StepOptions soon{.retries = {.limit = 5, .delay = 1ms, .backoff = Backoff::constant}};
constexpr StepOptions once_and_short{.retries = {.limit = 0}, .timeout = 1ms};

// Two bodies of 50 µs: one that waits, as for a device, and one that works.
void idle_50us() {
  const timespec time{.tv_sec = 0, .tv_nsec = 50'000};
  ::ppoll(nullptr, 0, &time, nullptr);
}
void work_50us() {
  const auto until = std::chrono::steady_clock::now() + 50us;
  while (std::chrono::steady_clock::now() < until) continue;
}

// Returns only when it is asked to.
[[noreturn]] void outlive_the_timeout(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any asked;
  std::unique_lock lock{mutex};
  asked.wait(lock, stop, [] { return false; });
  throw std::runtime_error{"asked to stop"};
}

Instance<int> make_child(const Workflows& workflows, const std::string& id, int n) {
  Workflow<int, int> children = workflows.child();
  try {
    return children.create({.id = id, .params = n, .retention = {.success = 1h, .error = 1h}});
  } catch (const Error& error) {
    if (error.code() != Errc::instance_already_exists) throw;
  }
  return children.get(id);
}

Task<int> doze_and_add(Context& ctx, const Workflows* workflows, int n) {
  co_await ctx.sleep("doze", 1ms);
  int part = co_await ctx.step("dozed", [&](StepContext& step) {
    const Inside inside{workflows->bodies(), step};
    return n;
  });
  co_return part;
}

Task<int> be_told_and_add(Context& ctx, const Workflows* workflows, int n) {
  Event go = co_await ctx.wait_for_event("go", {.type = "go"});
  int said = go.payload;
  int part = co_await ctx.step("told", [&](StepContext& step) {
    const Inside inside{workflows->bodies(), step};
    idle_50us();
    return n + said;
  });
  co_return part;
}

asio::awaitable<int> wait_a_moment(const Workflows* workflows, StepContext* step, int n) {
  const Inside inside{workflows->bodies(), *step};
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer{executor, 50us};
  co_await timer.async_wait(asio::use_awaitable);
  co_return n;
}

asio::awaitable<int> tell_oneself(const Workflows* workflows, StepContext* step, std::string id, int n) {
  const Inside inside{workflows->bodies(), *step};
  const Instance<int> self = workflows->of(Kind::awaitable).get(id);
  co_await self.async_send_event("note", n, asio::use_awaitable);
  co_return 1;
}

asio::awaitable<int> await_child(const Workflows* workflows, StepContext* step, std::string id) {
  const Inside inside{workflows->bodies(), *step};
  const Instance<int> born = workflows->child().get(id);
  int output = co_await born.async_wait(asio::use_awaitable);
  co_return output;
}

}  // namespace

Task<int> paces(Context& ctx, const Workflows* workflows, int n) {
  int sum = 0;
  for (int i = 0; i < 4; ++i) {
    int part = co_await ctx.step("at once", [&](StepContext& step) {
      const Inside inside{workflows->bodies(), step};
      return n;
    });
    sum += part;
  }
  Event go = co_await ctx.wait_for_event("go", {.type = "go"});
  int said = go.payload;
  sum += said;
  for (int i = 0; i < 4; ++i) {
    int part = co_await ctx.step("in 50 µs", [&](StepContext& step) {
      const Inside inside{workflows->bodies(), step};
      i % 2 == 0 ? idle_50us() : work_50us();
      return n;
    });
    sum += part;
  }
  co_return sum;
}

Task<int> sleeper(Context& ctx, const Workflows* workflows, int n) {
  co_await ctx.sleep("nothing", 0ms);
  co_await ctx.sleep("a moment", 1ms);
  int part = co_await ctx.step("awake", [&](StepContext& step) {
    const Inside inside{workflows->bodies(), step};
    work_50us();
    return n;
  });
  co_await ctx.sleep_until("a time soon", ctx.created() + 3ms);
  co_await ctx.sleep_until("a time that is past", ctx.created());
  co_return part + 1;
}

Task<int> fan(Context& ctx, const Workflows* workflows, int n) {
  std::tuple<int, int, int> parts = co_await all(
      doze_and_add(ctx, workflows, n), be_told_and_add(ctx, workflows, n), doze_and_add(ctx, workflows, n));
  std::vector<int> numbers{1, 2, 3, 4, 5};
  std::vector<int> doubled = co_await ctx.map("double", numbers, [](int number) { return 2 * number; });
  int sum = std::get<0>(parts) + std::get<1>(parts) + std::get<2>(parts);
  for (int part : doubled) sum += part;
  co_return sum;
}

Task<int> stubborn(Context& ctx, const Workflows* workflows, int n) {
  const auto second_time = [&](StepContext& step) {
    const Inside inside{workflows->bodies(), step};
    if (step.attempt() == 1) throw std::runtime_error{"again"};
    return n;
  };
  int first = co_await ctx.step("at the second attempt", at_once, second_time);
  int second = co_await ctx.step("at the second attempt, soon", soon, second_time);
  int failures = 0;
  try {
    co_await ctx.wait_for_event("nobody sends it", {.type = "never", .timeout = 1ms});
  } catch (const TimeoutError&) {
    failures += 1;
  }
  try {
    co_await ctx.step("too long", once_and_short, [&](StepContext& step) {
      const Inside inside{workflows->bodies(), step};
      outlive_the_timeout(step.stop_token());
    });
  } catch (const TimeoutError&) {
    failures += 10;
  }
  try {
    co_await ctx.step("hopeless", [&](StepContext& step) {
      const Inside inside{workflows->bodies(), step};
      throw NonRetryableError{"hopeless"};
    });
  } catch (const StepError& error) {
    failures += error.name() == "NonRetryableError" ? 100 : 0;
  }
  co_return first + second + failures;
}

Task<int> parent(Context& ctx, const Workflows* workflows, int n) {
  const std::string id = ctx.instance_id() + "-child";
  int first = co_await ctx.step("raise", soon, [&](StepContext& step) {
    const Inside inside{workflows->bodies(), step};
    return make_child(*workflows, id, n).wait();
  });
  int second = co_await ctx.step("ask again", soon, [&](StepContext& step) {
    const Inside inside{workflows->bodies(), step};
    return make_child(*workflows, id, n).wait_for(1h);
  });
  co_return first + second;
}

Task<int> awaitable(Context& ctx, const Workflows* workflows, int n) {
  const std::string id = ctx.instance_id();
  const std::string child_id = id + "-child";
  int moment = co_await ctx.step("a moment", soon,
                                 [&](StepContext& step) { return wait_a_moment(workflows, &step, 0); });
  int told = co_await ctx.step("tell", soon,
                               [&](StepContext& step) { return tell_oneself(workflows, &step, id, n); });
  Event note = co_await ctx.wait_for_event("note", {.type = "note"});
  int said = note.payload;
  co_await ctx.step("bear", soon, [&](StepContext& step) {
    const Inside inside{workflows->bodies(), step};
    make_child(*workflows, child_id, n);
  });
  int output = co_await ctx.step("await", soon,
                                 [&](StepContext& step) { return await_child(workflows, &step, child_id); });
  co_return moment + told + said + output;
}

Task<int> failing(Context& ctx, const Workflows* workflows, int n) {
  int part = co_await ctx.step("before", [&](StepContext& step) {
    const Inside inside{workflows->bodies(), step};
    return n;
  });
  throw NonRetryableError{agreed_message(part), "Agreed"};
}

Task<int> child(Context& ctx, const Workflows* workflows, int n) {
  int first = co_await ctx.step("first", [&](StepContext& step) {
    const Inside inside{workflows->bodies(), step};
    return n;
  });
  co_await ctx.sleep("between", 1ms);
  int second = co_await ctx.step("second", [&](StepContext& step) {
    const Inside inside{workflows->bodies(), step};
    idle_50us();
    return n + 1;
  });
  co_return first + second;
}

Task<void> nothing(Context& ctx) {
  co_await ctx.step("nothing", [] {});
}

Task<int> moody(Context& ctx, Moody params) {
  int part = co_await ctx.step("add", [n = params.n] { return n + 9; });
  co_return part;
}

std::string agreed_message(int n) {
  return "as agreed on " + std::to_string(n);
}

}  // namespace cairn::testing::code
