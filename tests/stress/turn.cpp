#include "tests/stress/turn.hpp"

#include <cairn/asio.hpp>

#include <boost/asio/bind_executor.hpp>

#include <algorithm>
#include <exception>
#include <initializer_list>
#include <string>

namespace cairn::testing {

namespace {

// What kept a call from being done, of which the answer came later.
void judge_refusal(const std::exception_ptr& problem, Call call, const Life& life,
                   std::initializer_list<Errc> allowed) {
  try {
    std::rethrow_exception(problem);
  } catch (const Error& error) {
    if (error.code() == Errc::engine_stopped && life.ends()) return;
    if (std::ranges::find(allowed, error.code()) != allowed.end()) return;
    fail(std::string{to_string(call)} + " was refused as " + std::string{to_string(error.code())} + ": " +
         error.what());
  } catch (const std::exception& error) {
    fail(std::string{to_string(call)} + ": " + error.what());
  }
}

Errc gone(bool may_pass) {
  return may_pass ? Errc::instance_not_found : Errc{};
}

}  // namespace

std::string judge(const Ending& ending, Kind kind, int n, bool terminated) {
  if (ending.output) {
    if (kind == Kind::failing) return "ended well, and should not";
    if (*ending.output == expected(kind, n)) return {};
    return "ended with " + std::to_string(*ending.output) + " instead of " +
           std::to_string(expected(kind, n));
  }
  const InstanceError& error = *ending.error;
  if (error.status() == Status::terminated)
    return terminated ? std::string{} : "is terminated, and nobody asked for it";
  if (kind == Kind::failing && is_agreed(error.name(), error.what(), n)) return {};
  return "ended with the error " + error.name() + ": " + error.what();
}

void watch(Turn& turn, const Instance<int>& instance, Kind kind, int n, bool may_pass) {
  turn.life->promise_completion();
  auto told = [life = turn.life, id = instance.id(), kind, n, may_pass](const std::exception_ptr& problem,
                                                                        int output) {
    std::string complaint;
    try {
      if (problem) std::rethrow_exception(problem);
      complaint = judge({.output = output}, kind, n, true);
    } catch (const InstanceError& error) {
      complaint = judge({.error = error}, kind, n, true);
    } catch (...) {
      judge_refusal(problem, Call::async_wait, *life, {gone(may_pass)});
    }
    if (!complaint.empty()) fail("async_wait: " + id + ' ' + complaint);
    life->note_completion();
  };
  turn.witness.call(Call::async_wait, {}, [&] {
    instance.async_wait(boost::asio::bind_executor(turn.completions.executor(), std::move(told)));
  });
}

void post_go(Turn& turn, const Instance<int>& instance, int n, bool may_pass) {
  turn.life->promise_completion();
  auto told = [life = turn.life, may_pass](const std::exception_ptr& problem) {
    if (problem)
      judge_refusal(problem, Call::async_send_event, *life, {Errc::cannot_send_event, gone(may_pass)});
    life->note_completion();
  };
  turn.witness.call(Call::async_send_event, {}, [&] {
    instance.async_send_event("go", payload_of(n),
                              boost::asio::bind_executor(turn.completions.executor(), std::move(told)));
  });
}

}  // namespace cairn::testing
