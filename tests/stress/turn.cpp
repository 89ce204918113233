#include "tests/stress/turn.hpp"

#include <cairn/asio.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <exception>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

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

namespace {

namespace asio = boost::asio;

bool is_aborted(const std::exception_ptr& problem) {
  try {
    if (problem) std::rethrow_exception(problem);
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
  return false;
}

auto judging_the_end(const Turn& turn, const Instance<int>& instance, Kind kind, int n, bool may_pass) {
  turn.life->promise_completion();
  return [life = turn.life, id = instance.id(), kind, n, may_pass](const std::exception_ptr& problem,
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
}

auto judging_the_answer(const Turn& turn, bool may_pass) {
  turn.life->promise_completion();
  return [life = turn.life, may_pass](const std::exception_ptr& problem) {
    if (problem)
      judge_refusal(problem, Call::async_send_event, *life, {Errc::cannot_send_event, gone(may_pass)});
    life->note_completion();
  };
}

// Has `begin(signal)` begin a call, and the signal emitted behind it: a signal is used by one thread at a
// time, and the call completes on that thread as well.
template <class Begin>
void begin_and_cancel(Turn& turn, Begin begin) {
  static constexpr asio::cancellation_type types[] = {
      asio::cancellation_type::terminal, asio::cancellation_type::partial, asio::cancellation_type::total};
  turn.witness.call(Call::cancel, {}, [&] {
    const auto executor = turn.completions.executor();
    const auto signal = std::make_shared<asio::cancellation_signal>();
    asio::post(executor, [begin = std::move(begin), signal] { begin(signal); });
    asio::post(executor, [signal, type = turn.dice.any_of(types)] { signal->emit(type); });
  });
}

}  // namespace

void watch(Turn& turn, const Instance<int>& instance, Kind kind, int n, bool may_pass) {
  auto told = judging_the_end(turn, instance, kind, n, may_pass);
  turn.witness.call(Call::async_wait, {}, [&] {
    instance.async_wait(asio::bind_executor(turn.completions.executor(), std::move(told)));
  });
}

void post_go(Turn& turn, const Instance<int>& instance, int n, bool may_pass) {
  auto told = judging_the_answer(turn, may_pass);
  turn.witness.call(Call::async_send_event, {}, [&] {
    instance.async_send_event("go", payload_of(n),
                              asio::bind_executor(turn.completions.executor(), std::move(told)));
  });
}

void watch_and_cancel(Turn& turn, const Instance<int>& instance, Kind kind, int n, bool may_pass) {
  auto judged = judging_the_end(turn, instance, kind, n, may_pass);
  begin_and_cancel(turn, [instance, judged = std::move(judged), life = turn.life,
                          executor = turn.completions.executor()](const auto& signal) {
    auto told = [judged, life, signal](const std::exception_ptr& problem, int output) {
      if (is_aborted(problem)) return life->note_completion();
      judged(problem, output);
    };
    instance.async_wait(
        asio::bind_executor(executor, asio::bind_cancellation_slot(signal->slot(), std::move(told))));
  });
}

void post_go_and_cancel(Turn& turn, const Instance<int>& instance, int n, bool may_pass) {
  auto judged = judging_the_answer(turn, may_pass);
  begin_and_cancel(turn, [instance, n, judged = std::move(judged), life = turn.life,
                          executor = turn.completions.executor()](const auto& signal) {
    auto told = [judged, life, signal](const std::exception_ptr& problem) {
      if (is_aborted(problem)) return life->note_completion();
      judged(problem);
    };
    instance.async_send_event(
        "go", payload_of(n),
        asio::bind_executor(executor, asio::bind_cancellation_slot(signal->slot(), std::move(told))));
  });
}

}  // namespace cairn::testing
