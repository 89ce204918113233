#include "engine/implementation.hpp"

#include <cairn/detail/caught.hpp>
#include <cairn/health.hpp>

#include <algorithm>
#include <utility>

namespace cairn {

namespace {

// What is due is begun at once, unless there is more of it than the engine can do.
constexpr Duration patience = std::chrono::minutes{1};
// Rows that are due; if none of them is defined here, so many more, up to as many as do not keep anybody
// waiting.
constexpr std::size_t looked_at = 100;
constexpr std::size_t looked_at_max = 10'000;

void complain(Health& health, Complaint complaint) {
  health.state = std::max(health.state, complaint.state);
  health.complaints.push_back(std::move(complaint));
}

void complain(Health& health, HealthState state, const char* code, const engine::Outage& outage) {
  complain(health, {.state = state, .code = code, .message = outage.message, .since = outage.since});
}

}  // namespace

std::string_view to_string(HealthState state) noexcept {
  switch (state) {
    case HealthState::ok:
      return "ok";
    case HealthState::degraded:
      return "degraded";
    case HealthState::failed:
      return "failed";
  }
  return "failed";
}

Health Engine::Implementation::health() const {
  const Use use{*this, "health"};
  engine::Runner::Condition condition = runner_->condition();
  Health health;
  if (condition.fault) complain(health, HealthState::failed, "engine_failed", *condition.fault);
  if (condition.store) {
    const bool taken_over = condition.store->code == Errc::file_is_owned;
    complain(health, HealthState::failed, taken_over ? "store_taken_over" : "store_failing",
             *condition.store);
  }
  if (condition.house_keeping)
    complain(health, HealthState::degraded, "house_keeping_failing", *condition.house_keeping);
  if (const std::optional<std::string> objection = clock_guard_.objection(clock_->read())) {
    complain(health, {.code = "clock_unconfirmed",
                      .message = *objection + "; nothing is swept until confirm_clock()"});
  }
  if (const std::optional<engine::Outage> failure = clock_->failure())
    complain(health, HealthState::degraded, "clock_failing", *failure);
  complain_of_the_store(health);
  for (Complaint& complaint : condition.concerns) complain(health, std::move(complaint));
  if (health.state != HealthState::failed && started_ && !stopped_) complain_of_what_is_due(health);
  return health;
}

void Engine::Implementation::complain_of_the_store(Health& health) const {
  try {
    for (Complaint& complaint : store_->complaints()) complain(health, std::move(complaint));
  } catch (const Error& error) {
    complain(health,
             {.state = HealthState::failed, .code = "store_failing", .message = detail::what_of(error)});
  }
}

// The store is asked, not the conductor: what should run is in the rows, whatever memory says. While nobody
// can read there, what it said last counts, for a while: how long that may last is for the store to say.
Engine::Implementation::Due Engine::Implementation::ask_what_is_due() const {
  const Time until = options_.clock->now() - patience;
  std::optional<std::vector<InstanceRow>> rows;
  Due due{.asked = options_.clock->uptime()};
  for (std::size_t limit = looked_at; limit <= looked_at_max && !due.late; limit *= 10) {
    rows = store_->due_at_once(until, limit);
    if (!rows) break;
    const auto runs_here = [&](const InstanceRow& row) { return catalogue_.runs(row.version); };
    const auto late = std::ranges::find_if(*rows, runs_here);
    if (late != rows->end()) due.late = late->wake_at;
    if (rows->size() < limit) break;
  }
  const std::lock_guard lock{due_mutex_};
  if (rows) due_ = due;
  return due.asked - due_.asked < patience ? due_ : Due{};
}

void Engine::Implementation::complain_of_what_is_due(Health& health) const {
  try {
    const std::optional<Time> late = ask_what_is_due().late;
    if (late && runner_->condition().running == 0) {
      complain(health, {.state = HealthState::failed,
                        .code = "standstill",
                        .message = "instances are due, and nothing runs",
                        .since = late});
    } else if (late) {
      complain(health,
               {.code = "late", .message = "instances are due and wait for others to end", .since = late});
    }
  } catch (const Error& error) {
    complain(health,
             {.state = HealthState::failed, .code = "store_failing", .message = detail::what_of(error)});
  }
}

}  // namespace cairn
