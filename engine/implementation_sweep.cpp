#include "engine/implementation.hpp"

#include <cairn/detail/caught.hpp>
#include <cairn/detail/counted.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>

// Deleting what has expired, while the clock may be believed.
namespace cairn {

namespace {

// Instances that are deleted together. The largest piece holds the writer for some 20 ms, which nobody
// notices while nobody else calls; the smallest one costs a caller about a flush.
constexpr std::size_t sweep_piece_min = 16;
constexpr std::size_t sweep_piece_max = 500;
// While others call, a sweep rests after a piece twice as long as that took, and at most so long: else every
// second commit would be its own, and the log, whose checkpoints everybody feels, would grow twice as fast.
constexpr std::chrono::milliseconds sweep_rest_max{2};

}  // namespace

// The wall clock's, unless it has leapt, or fails.
std::optional<Time> Engine::Implementation::believed_time() const {
  const engine::ClockReading reading = clock_->read();
  if (!clock_guard_.check(reading) || reading.is_stale) return std::nullopt;
  return reading.now;
}

SweepReport Engine::Implementation::sweep() {
  const Use use{*this, "sweep"};
  Use::refuse_stopped(*this, "sweep");
  std::optional<Time> until = believed_time();
  if (!until) {
    const std::optional<std::string> objection = clock_guard_.objection(clock_->read());
    throw Error{Errc::clock_unconfirmed,
                objection ? "sweep: " + *objection + "; nothing is deleted until confirm_clock()"
                          : "sweep: the clock cannot be read; nothing is deleted meanwhile"};
  }
  SweepReport report;
  std::size_t piece = sweep_piece_min;
  for (bool more = true; more && until && Use::may_go_on(*this); until = believed_time()) {
    const std::uint64_t calls = runner_->calls();
    const auto begin = std::chrono::steady_clock::now();
    const auto swept = std::get<Swept>(runner_->call(Sweep{.limit = piece, .until = *until}));
    report.instances += swept.instances;
    report.steps += swept.steps;
    report.events += swept.events;
    more = swept.more;
    const bool alone = runner_->calls() == calls + 1;
    piece = alone ? std::min(2 * piece, sweep_piece_max) : sweep_piece_min;
    if (alone || !more) continue;
    const auto took = std::chrono::steady_clock::now() - begin;
    std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(2 * took, sweep_rest_max));
  }
  return report;
}

void Engine::Implementation::sweep_in_background() {
  try {
    const SweepReport report = sweep();
    clock_warned_ = false;
    if (report.instances > 0) {
      runner_->log(LogLevel::info, "swept " + detail::counted(report.instances, "instance") + " with " +
                                       detail::counted(report.steps, "step") + " and " +
                                       detail::counted(report.events, "event"));
    }
  } catch (const Error& error) {
    if (error.code() == Errc::engine_stopped) return;
    const bool repeated = error.code() == Errc::clock_unconfirmed && std::exchange(clock_warned_, true);
    if (!repeated) runner_->log(LogLevel::warning, detail::what_of(error));
  } catch (...) {
    runner_->log(LogLevel::warning, "sweep: ", detail::what_of_current_exception().c_str());
  }
}

void Engine::Implementation::confirm_clock() {
  const Use use{*this, "confirm_clock"};
  Use::refuse_stopped(*this, "confirm_clock");
  static_cast<void>(runner_->call(MoveClock{}));
  clock_guard_.confirm(clock_->read());
}

}  // namespace cairn
