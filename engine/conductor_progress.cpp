#include "engine/conductor.hpp"
#include "engine/retry.hpp"

#include <cairn/codec.hpp>

#include <algorithm>
#include <cassert>
#include <utility>

namespace cairn::engine {

namespace {

constexpr Duration slow_resume = std::chrono::milliseconds{100};

std::string with_counter(const OpenStep& step) {
  return step.name + "-" + std::to_string(step.count);
}

ErrorRecord timeout_error(Duration timeout) {
  return {"WorkflowTimeoutError", "Execution timed out after " + std::to_string(timeout.count()) + "ms"};
}

std::string event_json(const EventRow& event) {
  return R"({"type":)" + encode(event.type) + R"(,"payload":)" + event.payload + R"(,"timestamp":")" +
         to_iso8601(event.received) + R"("})";
}

StepStart describe_start(const OpenStep& step, Time now) {
  StepStart start{
      .started_seq = step.started_seq, .kind = step.kind, .name = step.name, .count = step.count, .at = now};
  if (step.kind == StepKind::step) start.config = write_config(step.options);
  start.event_type = step.event_type;
  start.due = step.due;
  start.due_fixed = step.due_fixed;
  return start;
}

bool empty(const Advance& advance) {
  return advance.results.empty() && advance.starts.empty() && advance.attempts.empty() && !advance.leave;
}

}  // namespace

// The heart: lets the frames run as far as they come, and turns what they ask for into changes. One `Advance`
// per delivery, because its results come before its starts. `resident` may be gone afterwards.
void Conductor::settle(Resident& resident, Advance advance, Time now) {
  const auto stopped = [&] { return resident.frames->contradiction() || resident.frames->starved(); };
  run_frames(resident);
  while (!stopped()) {
    record_interrupted(resident, advance, now);
    run_frames(resident);
    if (stopped()) break;
    add_starts(resident, advance, now);
    if (resident.frames->finished()) break;
    std::optional<StepResult> result = deliver_due(resident, now);
    if (!result) {
      add_due_attempts(resident, advance, now);
      break;
    }
    emit(resident, std::exchange(advance, {}));
    advance.results.push_back(*std::move(result));
    run_frames(resident);
  }
  if (begin_anew_if_starved(resident, advance, now)) return;
  conclude(resident, advance, now);
  emit(resident, std::move(advance));
  assert(!resident.arrival);  // the change that delivers it has taken it
  set_alarm(resident);
}

void Conductor::run_frames(Resident& resident) {
  const Duration before = options_.uptime ? options_.uptime() : Duration{};
  resident.frames->run();
  const Duration taken = options_.uptime ? options_.uptime() - before : Duration{};
  if (taken > slow_resume) {
    log(LogLevel::warning, "workflow code of " + resident.definition->name + " (key " +
                               std::to_string(resident.key) + ") ran for " + std::to_string(taken.count()) +
                               " ms between two awaits; long work belongs into steps");
  }
}

// The first change that moves the instance also takes it out of `queued` or `waiting`.
void Conductor::emit(Resident& resident, Advance advance) {
  if (empty(advance)) return;
  advance.key = resident.key;
  advance.run = resident.run;
  if (resident.status == Status::queued) advance.enter = Cause::start;
  if (resident.status == Status::waiting) advance.enter = Cause::wake;
  if (advance.enter) resident.status = Status::running;
  if (advance.leave) resident.status = next(resident.status, *advance.leave).value_or(resident.status);
  if (advance.leave == Cause::wait) resident.wake_at = advance.wake_at;
  Ticket ticket{.key = resident.key, .residency = resident.residency, .workflow = resident.workflow};
  for (const StepStart& start : advance.starts) {
    if (start.kind == StepKind::step && !start.due) ticket.flights.push_back(start.started_seq);
  }
  for (const AttemptStart& attempt : advance.attempts) ticket.flights.push_back(attempt.started_seq);
  if (resident.arrival) ticket.arrival = take_arrival(resident, advance);
  push(std::move(advance), std::move(ticket));
}

void Conductor::add_starts(Resident& resident, Advance& advance, Time now) {
  for (const Sequence seq : resident.frames->take_started()) {
    OpenStep& step = resident.frames->open().at(seq);
    if (step.kind == StepKind::step && has_place(step)) {
      add_flight(resident, step);
    } else if (step.kind == StepKind::step) {
      step.attempt = 0;
      step.due = saturating_add(now, -resident.paused_for);
      wait_for_place(resident, step);
    } else if (step.call->until) {
      step.due = step.call->until;
      step.due_fixed = true;
    } else {
      step.due = saturating_add(saturating_add(now, step.call->span), -resident.paused_for);
    }
    advance.starts.push_back(describe_start(step, now));
  }
}

void Conductor::add_due_attempts(Resident& resident, Advance& advance, Time now) {
  for (auto& [seq, step] : resident.frames->open()) {
    const std::optional<Time> due = resident.due_of(step);
    if (step.kind != StepKind::step || step.call == nullptr || step.in_flight || !due || *due > now) continue;
    if (!step.unplaced && has_place(step)) {
      begin_attempt(resident, step, advance, now);
    } else {
      wait_for_place(resident, step);
    }
  }
}

// Bodies that were running when the last owner ended. The count is durable before any of them runs again.
// Adopted code may ask for such a step late.
void Conductor::record_interrupted(Resident& resident, Advance& advance, Time now) {
  if (resident.interrupted_seen && resident.frames->strict()) return;
  resident.interrupted_seen = true;
  const ErrorRecord error{"WorkflowInternalError", "the attempt was cut off when its engine ended"};
  std::vector<Sequence> given_up;
  for (auto& [seq, step] : resident.frames->open()) {
    if (!step.in_flight || step.call == nullptr || resident.flights.contains(seq)) continue;
    step.in_flight = false;
    if (++step.crashes > static_cast<std::int32_t>(step.options.crash_limit)) {
      given_up.push_back(seq);
      continue;
    }
    StepResult result{
        .started_seq = seq, .attempt = step.attempt, .error = error, .interrupted = true, .at = now};
    step.due = saturating_add(now, -resident.paused_for);
    result.retry_due = step.due;
    advance.results.push_back(std::move(result));
  }
  for (const Sequence seq : given_up) {
    OpenStep& step = resident.frames->open().at(seq);
    detail::Resolution resolution;
    resolution.error = ErrorRecord{"WorkflowInternalError",
                                   "step \"" + with_counter(step) + "\" was in flight at " +
                                       std::to_string(step.crashes) + " crashes; its crash_limit is " +
                                       std::to_string(step.options.crash_limit)};
    advance.results.push_back(end_step(resident, step, std::move(resolution), now));
    advance.results.back().interrupted = true;
  }
}

// One thing that can be delivered now: an event that is waited for, or else the sleep or the timeout that has
// been due longest.
std::optional<StepResult> Conductor::deliver_due(Resident& resident, Time now) {
  const OpenStep* first = nullptr;
  for (const auto& [seq, step] : resident.frames->open()) {
    if (step.kind == StepKind::step || step.call == nullptr) continue;
    if (step.kind == StepKind::wait_for_event) {
      const auto event = std::find_if(resident.events.begin(), resident.events.end(),
                                      [&](const EventRow& row) { return row.type == step.event_type; });
      if (event != resident.events.end()) {
        const std::int64_t number = event->event;
        detail::Resolution resolution{.output = event_json(*event)};
        resident.events.erase(event);
        StepResult result = end_step(resident, step, std::move(resolution), now);
        result.event = number;
        return result;
      }
    }
    const Time due = *resident.due_of(step);
    if (due <= now && (first == nullptr || due < *resident.due_of(*first))) first = &step;
  }
  if (first == nullptr) return std::nullopt;
  detail::Resolution resolution{.output = "null"};
  if (first->kind == StepKind::wait_for_event)
    resolution = {.output = {}, .error = timeout_error(first->call->span)};
  return end_step(resident, *first, std::move(resolution), now);
}

StepResult Conductor::end_step(Resident& resident, const OpenStep& step, detail::Resolution resolution,
                               Time at) {
  StepResult result{.started_seq = step.started_seq, .attempt = step.attempt, .at = at};
  result.output = resolution.output;
  result.error = resolution.error;
  result.ended_seq = resident.condemned ? resident.frames->close(result.started_seq)
                                        : resident.frames->deliver(result.started_seq, std::move(resolution));
  return result;
}

StepResult Conductor::fail_attempt(Resident& resident, OpenStep& step, ErrorRecord error, bool retryable,
                                   Time at) {
  const std::int32_t failures = step.attempt - step.crashes;
  if (!retryable || failures > static_cast<std::int32_t>(step.options.retries.limit)) {
    detail::Resolution resolution;
    resolution.error = std::move(error);
    return end_step(resident, step, std::move(resolution), at);
  }
  step.in_flight = false;
  step.due = saturating_add(saturating_add(at, retry_delay(step.options.retries, failures)),
                            -resident.paused_until(at));
  StepResult result{.started_seq = step.started_seq,
                    .attempt = step.attempt,
                    .retry_due = step.due,
                    .error = std::move(error),
                    .at = at};
  return result;
}

void Conductor::body_done(Resident& resident, BodyDone& done, Time now) {
  const Flight flight = drop_flight(resident, done.started_seq).value();
  if (flight.carrier == Carrier::worker) places_.note_end();
  if (resident.slot_lent) regain_slot(resident);  // by a body that has not waited until it had it back
  const std::optional<Launch::Beginning> beginning = flight.beginning();
  detail::BodyResult& result = done.result;
  if (halting_ && result.error && result.retryable && !flight.timed_out) {
    // Asked to stop, and so cut off: no failure of its own. The next start records it and runs it again.
    if (resident.flights.empty()) retire(resident);
    return;
  }
  OpenStep& step = resident.frames->open().at(done.started_seq);
  if (flight.timed_out) {
    result.error = timeout_error(step.options.timeout);
    result.retryable = true;
  } else if (!result.error && result.output.size() > options_.limits.result_bytes) {
    result.error = ErrorRecord{"WorkflowInternalError",
                               "Step " + with_counter(step) +
                                   " output is too large: " + std::to_string(result.output.size()) +
                                   " bytes; the limit is " + std::to_string(options_.limits.result_bytes)};
    result.retryable = false;
  }
  // An attempt that outlived its timeout failed at its deadline, but what follows had to wait for the body.
  const Time at = flight.timed_out ? std::min(saturating_add(beginning->at, step.options.timeout), now) : now;
  StepResult recorded = result.error
                            ? fail_attempt(resident, step, *std::move(result.error), result.retryable, at)
                            : end_step(resident, step, {.output = std::move(result.output)}, at);
  if (beginning) recorded.began = beginning->at;
  take_result(resident, std::move(recorded), now);
}

void Conductor::take_result(Resident& resident, StepResult result, Time now) {
  if (resident.condemned) return record_condemned(resident, std::move(result));
  Advance advance;
  advance.results.push_back(std::move(result));
  settle(resident, std::move(advance), now);
}

// The frames do not go on, but what the body did is kept.
void Conductor::record_condemned(Resident& resident, StepResult result) {
  Advance advance{.key = resident.key, .run = resident.run};
  advance.results.push_back(std::move(result));
  const bool last = resident.flights.empty();
  if (last && resident.pausing) advance.leave = Cause::quiesce;
  push(std::move(advance),
       {.key = resident.key, .residency = resident.residency, .workflow = resident.workflow});
  last ? retire(resident) : lend_slot(resident);
}

void Conductor::conclude(Resident& resident, Advance& advance, Time now) {
  Frames& frames = *resident.frames;
  resident.over = frames.contradiction() || frames.finished();
  if (frames.contradiction()) {
    advance.leave = Cause::park;
    advance.error = ErrorRecord{"NonDeterminism", *frames.contradiction()};
    log(LogLevel::error, "parked " + resident.definition->name + " (key " + std::to_string(resident.key) +
                             "): " + *frames.contradiction());
  } else if (frames.finished()) {
    detail::Resolution result = frames.result();
    if (!result.error && result.output.size() > options_.limits.result_bytes) {
      result.error = ErrorRecord{"WorkflowInternalError",
                                 "the output is too large: " + std::to_string(result.output.size()) +
                                     " bytes; the limit is " + std::to_string(options_.limits.result_bytes)};
    }
    advance.leave = result.error ? Cause::fail : Cause::complete;
    if (!result.error) advance.output = std::move(result.output);
    advance.error = std::move(result.error);
  } else if (resident.flights.empty() && !resident.has_unplaced()) {
    // Idle, and free to be evicted, it is once the store knows that it waits, and until when: a result that
    // was written again after a failure is in the record without what followed from it.
    const bool unchanged = resident.status == Status::waiting && empty(advance) &&
                           resident.wake_at == resident.next_due();
    if (unchanged) {
      set_idle(resident, now);
    } else {
      advance.leave = Cause::wait;
      advance.wake_at = resident.next_due();
    }
  } else {
    return lend_slot(resident);  // bodies run: it keeps its slot, unless all of them wait
  }
  forget_unplaced(resident);
  release_slot(resident);
}

}  // namespace cairn::engine
