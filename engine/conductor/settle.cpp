#include "engine/conductor/conductor.hpp"
#include "values/json_path.hpp"

#include <cairn/detail/counted.hpp>

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

// One instance goes on.
namespace cairn::engine {

namespace {

constexpr Duration slow_resume = std::chrono::milliseconds{100};

// A long result that is decoded is not the workflow's fault, nor is a machine that has no time.
std::string slow_line(const Resident& resident, bool replays, Duration taken) {
  const std::string time = std::to_string(taken.count()) + " ms";
  if (replays) {
    return "replaying a piece of the record of " + resident.name() + " took " + time +
           ": its results are decoded, and its code runs between them";
  }
  return "workflow code of " + resident.name() + " ran for " + time +
         " between two awaits; long work belongs into steps";
}

bool empty(const Advance& advance) {
  return advance.results.empty() && advance.starts.empty() && advance.attempts.empty() && !advance.leave;
}

}  // namespace

// The heart: lets the frames run as far as they come, or as far as the share goes, and turns what they ask
// for into changes. `resident` may be gone afterwards.
void Conductor::settle(Resident& resident, Advance advance, Time now) {
  resident.rests_since.reset();  // a result may come while it rests
  Share share = budget_.next_share();
  const bool has_more = progress(resident, advance, share, now);
  budget_.note_used(share);
  if (resident.arrival) keep_undelivered(resident);
  if (resident.frames->starved()) return begin_anew(resident, std::move(advance), now);
  if (has_more) {
    begin_what_may(resident, advance, now);
    rest(resident);
  } else {
    forget_starvation(resident);
    conclude(resident, advance, now);
  }
  emit(resident, std::move(advance));
  assert(!resident.arrival);  // the change that delivers it has taken it
  set_alarm(resident);
}

// One `Advance` per delivery, because its results come before its starts. Whether there is more to do, for
// the next turn.
bool Conductor::progress(Resident& resident, Advance& advance, Share& share, Time now) {
  const Frames& frames = *resident.frames;
  std::size_t delivered = 0;  // bytes
  while (run_frames(resident, share)) {
    share.spend_on_text(std::exchange(delivered, 0));
    if (!record_interrupted(resident, advance, share, now)) return true;
    if (!run_frames(resident, share)) break;
    add_starts(resident, advance, now);
    if (frames.finished()) return false;
    const std::optional<Delivery> next = resident.next_delivery(now);
    if (!next) return !add_due_attempts(resident, advance, share, now);
    if (share.spent()) return true;
    std::optional<StepResult> result = deliver(resident, *next, now);
    if (!result) break;
    share.spend(Share::change);
    delivered = result->output.size();
    emit(resident, std::exchange(advance, {}));
    advance.results.push_back(*std::move(result));
  }
  return !frames.stopped() && !frames.at_rest();
}

// The rest is for the next turn; what was asked for so far need not wait, nor attempts that are due.
void Conductor::begin_what_may(Resident& resident, Advance& advance, Time now) {
  if (!resident.frames->replayed()) return;
  add_starts(resident, advance, now);
  Share least = budget_.least_share();
  add_due_attempts(resident, advance, least, now);
}

// Whether they have come to rest, and may go on.
bool Conductor::run_frames(Resident& resident, Share& share) {
  const bool replays = !resident.frames->replayed();
  const Duration before = uptime();
  share = resident.frames->run(share);
  const Duration taken = uptime() - before;
  right_of_way_.note_piece(taken);
  if (taken > slow_resume) log(LogLevel::warning, slow_line(resident, replays, taken));
  return !resident.frames->stopped() && resident.frames->at_rest();
}

// The first change that moves the instance also takes it out of `queued` or `waiting`.
void Conductor::emit(Resident& resident, Advance advance) {
  if (empty(advance)) return;
  resident.has_moved = true;
  advance.key = resident.key;
  advance.run = resident.run;
  if (resident.status == Status::queued) advance.enter = Cause::start;
  if (resident.status == Status::waiting) advance.enter = Cause::wake;
  if (advance.enter) resident.status = Status::running;
  if (advance.leave) resident.status = next(resident.status, *advance.leave).value_or(resident.status);
  if (advance.leave == Cause::wait) {
    resident.wake_at = advance.wake_at;
    resident.moved = false;
  }
  Ticket ticket{.key = resident.key, .residency = resident.residency, .workflow = resident.workflow};
  for (const StepStart& start : advance.starts) {
    if (start.kind == StepKind::step && !start.due) ticket.flights.push_back(start.started_seq);
  }
  for (const AttemptStart& attempt : advance.attempts) ticket.flights.push_back(attempt.started_seq);
  if (resident.arrival) ticket.arrival = take_arrival(resident, advance);
  if (advance.leave == Cause::park) ticket.id = resident.id;
  push(std::move(advance), std::move(ticket));
}

void Conductor::conclude(Resident& resident, Advance& advance, Time now) {
  Frames& frames = *resident.frames;
  resident.over = frames.stopped() || frames.finished();
  if (resident.over) forget_unplaced(resident);
  if (frames.contradiction()) {
    advance.leave = Cause::park;
    advance.error = *frames.contradiction();
    log(LogLevel::error,
        "parked " + resident.name() + ": " + advance.error->name() + ": " + advance.error->message());
    if (!resident.flights.empty()) return condemn(resident);
  } else if (frames.failure()) {
    if (!resident.flights.empty()) return ask_to_stop(resident);  // it ends when they have returned
    advance.leave = Cause::fail;
    advance.error = *frames.failure();
  } else if (frames.finished()) {
    if (const std::string left_out = frames.left_out(); !left_out.empty())
      log(LogLevel::warning,
          resident.name() + ": the adopting code has ended and never asked for " + left_out);
    detail::Resolution result = frames.result();
    if (!result.error && result.output.size() > options_.limits.result_bytes) {
      result.error = ErrorRecord{"WorkflowInternalError",
                                 "the output is too large: " + detail::counted(result.output.size(), "byte") +
                                     "; the limit is " + std::to_string(options_.limits.result_bytes) +
                                     values::owner("instance", resident.id)};
    }
    advance.leave = result.error ? Cause::fail : Cause::complete;
    if (!result.error) advance.output = std::move(result.output);
    advance.error = std::move(result.error);
  } else if (resident.flights.empty() && !resident.has_unplaced()) {
    // Idle, and free to be evicted, it is once the store knows that it waits, and until when: a result that
    // was written again after a failure is in the record without what followed from it.
    const bool unchanged = resident.status == Status::waiting && empty(advance) && !resident.moved &&
                           resident.wake_at == resident.next_due();
    if (unchanged) {
      set_idle(resident, now);
    } else {
      advance.leave = Cause::wait;
      advance.wake_at = resident.next_due();
    }
  } else {
    return lend_slot(resident);  // bodies run, or are to: it keeps its slot, unless all of them wait
  }
  release_slot(resident);
}

}  // namespace cairn::engine
