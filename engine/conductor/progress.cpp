#include "engine/conductor/conductor.hpp"
#include "engine/instance/retry.hpp"

#include <cairn/codec.hpp>
#include <cairn/detail/counted.hpp>

#include <algorithm>
#include <utility>

namespace cairn::engine {

namespace {

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

StepStart describe_start(const OpenStep& step, const std::string& warning, Time now) {
  StepStart start{
      .started_seq = step.started_seq, .kind = step.kind, .name = step.name, .count = step.count, .at = now};
  if (step.kind == StepKind::step || !warning.empty()) start.config = write_config(step.options, warning);
  start.event_type = step.event_type;
  start.due = step.due;
  start.due_fixed = step.due_fixed;
  return start;
}

}  // namespace

void Conductor::add_starts(Resident& resident, Advance& advance, Time now) {
  for (const Sequence seq : resident.frames->take_started()) {
    OpenStep& step = resident.frames->open().at(seq);
    if (step.kind == StepKind::step && has_place(step)) {
      add_flight(resident, step);
    } else if (step.kind == StepKind::step) {
      step.attempt = 0;
      step.wait_until(saturating_add(now, -resident.paused_for));
      wait_for_place(resident, step);
    } else if (step.call->until) {
      step.due = step.call->until;
      step.due_fixed = true;
    } else {
      step.wait_until(saturating_add(saturating_add(now, step.call->span), -resident.paused_for));
    }
    const std::optional<Frames::Doubt>& doubt = resident.frames->doubt();
    const bool doubtful = doubt && doubt->started_seq == seq;
    if (doubtful) tell_doubt(resident, doubt->text, now);
    advance.starts.push_back(describe_start(step, doubtful ? doubt->text : std::string{}, now));
  }
}

void Conductor::tell_doubt(const Resident& resident, const std::string& doubt, Time now) {
  concerns_.note_doubtful(resident.workflow, resident.key,
                          {.id = resident.id, .reason = doubt, .since = now});
  log(LogLevel::warning, resident.name() + ": " + doubt);
}

// Whether these were all.
bool Conductor::add_due_attempts(Resident& resident, Advance& advance, Share& share, Time now) {
  for (auto& [seq, step] : resident.frames->open()) {
    const std::optional<Time> due = resident.due_of(step);
    if (step.kind != StepKind::step || step.call == nullptr || step.in_flight || !due || *due > now) continue;
    if (step.unplaced || !has_place(step)) {
      wait_for_place(resident, step);
      continue;
    }
    if (share.spent()) return false;
    share.spend(Share::change);
    begin_attempt(resident, step, advance, now);
  }
  return true;
}

// Bodies that were running when the last owner ended. The count is durable before any of them runs again.
// Adopted code may ask for such a step late. Whether these were all.
bool Conductor::record_interrupted(Resident& resident, Advance& advance, Share& share, Time now) {
  if (resident.interrupted_seen && resident.frames->strict()) return true;
  const ErrorRecord error{"WorkflowInternalError", "the attempt was cut off when its engine ended"};
  std::vector<Sequence> given_up;
  bool all = true;
  for (auto& [seq, step] : resident.frames->open()) {
    if (!step.in_flight || step.call == nullptr || resident.flights.contains(seq)) continue;
    if (share.spent()) {
      all = false;
      break;
    }
    share.spend(Share::change);
    step.in_flight = false;
    if (++step.crashes > static_cast<std::int32_t>(step.options.crash_limit)) {
      given_up.push_back(seq);
      continue;
    }
    StepResult result{
        .started_seq = seq, .attempt = step.attempt, .error = error, .interrupted = true, .at = now};
    step.wait_until(saturating_add(now, -resident.paused_for));
    result.retry_due = step.due;
    advance.results.push_back(std::move(result));
  }
  resident.interrupted_seen = all;
  for (const Sequence seq : given_up) {
    OpenStep& step = resident.frames->open().at(seq);
    detail::Resolution resolution;
    resolution.error = ErrorRecord{
        "WorkflowInternalError",
        "step \"" + with_counter(step) + "\" was in flight at " +
            detail::counted(static_cast<std::uint64_t>(step.crashes), "crash", "crashes") +
            "; its crash_limit is " + std::to_string(step.options.crash_limit)};
    advance.results.push_back(end_step(resident, step, std::move(resolution), now));
    advance.results.back().interrupted = true;
  }
  return all;
}

// Nothing: the code cannot read the event, which stays where it is.
std::optional<StepResult> Conductor::deliver(Resident& resident, const Delivery& next, Time now) {
  const OpenStep& step = resident.frames->open().at(next.started_seq);
  detail::Resolution resolution{.output = "null"};
  std::optional<std::int64_t> number;
  if (next.event) {
    const auto event = resident.events.begin() + static_cast<std::ptrdiff_t>(*next.event);
    number = event->event;
    resolution.output = event_json(*event);
    if (!resident.frames->accepts(next.started_seq, resolution)) return std::nullopt;
    resident.events.erase(event);
  } else if (step.kind == StepKind::wait_for_event) {
    resolution = {.output = {}, .error = timeout_error(step.call->span)};
  }
  StepResult result = end_step(resident, step, std::move(resolution), now);
  result.event = number;
  return result;
}

StepResult Conductor::end_step(Resident& resident, const OpenStep& step, detail::Resolution resolution,
                               Time at) {
  StepResult result{.started_seq = step.started_seq, .attempt = step.attempt, .at = at};
  result.output = resolution.output;
  result.error = resolution.error;
  result.ended_seq = resident.condemned ? resident.frames->close(result.started_seq)
                                        : resident.frames->end(result.started_seq, std::move(resolution));
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
  step.wait_until(saturating_add(saturating_add(at, retry_delay(step.options.retries, failures)),
                                 -resident.paused_until(at)));
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
                                   " output is too large: " + detail::counted(result.output.size(), "byte") +
                                   "; the limit is " + std::to_string(options_.limits.result_bytes)};
    result.retryable = false;
  }
  // An attempt that outlived its timeout failed at its deadline, but what follows had to wait for the body.
  Duration outlived{0};
  if (flight.timed_out) outlived = std::max(outlived, uptime() - (beginning->uptime + step.options.timeout));
  const Time at = saturating_add(now, -outlived);
  StepResult recorded = result.error
                            ? fail_attempt(resident, step, *std::move(result.error), result.retryable, at)
                            : end_step(resident, step, {.output = std::move(result.output)}, at);
  if (beginning) recorded.began = beginning->at;
  take_result(resident, std::move(recorded), now);
}

void Conductor::take_result(Resident& resident, StepResult result, Time now) {
  if (resident.condemned || resident.suspended) return record_alone(resident, std::move(result));
  Advance advance;
  advance.results.push_back(std::move(result));
  settle(resident, std::move(advance), now);
}

// The frames do not go on, or not now, but what the body did is kept.
void Conductor::record_alone(Resident& resident, StepResult result) {
  Advance advance{.key = resident.key, .run = resident.run};
  advance.results.push_back(std::move(result));
  const bool last = resident.flights.empty();
  if (last && resident.pausing) advance.leave = Cause::quiesce;
  push(std::move(advance),
       {.key = resident.key, .residency = resident.residency, .workflow = resident.workflow});
  last ? retire(resident) : lend_slot(resident);
}

}  // namespace cairn::engine
