#include "engine/conductor/conductor.hpp"
#include "engine/conductor/ended.hpp"

#include <cairn/detail/caught.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace cairn::engine {

std::span<const Change> Conductor::take_group() {
  log(store_.note_reads(uptime()));
  ++turn_;
  budget_.begin_turn();
  places_.end_turn(uptime());
  right_of_way_.end_turn();
  foreseen_.clear();
  changed_.clear();
  left_.clear();  // nothing begins before the report
  ids_of_group_.clear();
  come_second_.clear();
  noted_ = 0;
  writing_ = std::exchange(group_, {});
  return writing_.changes;
}

void Conductor::committed(std::span<const Outcome> outcomes, Time now) {
  auto [changes, tickets] = std::exchange(writing_, {});
  log(store_.note_commit(uptime()));
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const Outcome& outcome = outcomes[i];
    if (const auto* advance = std::get_if<Advance>(&changes[i])) {
      if (tickets[i].arrival)
        committed(*tickets[i].arrival, *advance, std::get<Advanced>(outcome), tickets[i].workflow);
      committed(*advance, std::get<Advanced>(outcome), tickets[i], now);
    } else if (const auto* batch = std::get_if<CreateBatch>(&changes[i])) {
      committed(*batch, std::get<Created>(outcome));
    } else if (const auto* event = std::get_if<SendEvent>(&changes[i])) {
      committed(*event, std::get<Sent>(outcome), now);
    } else if (const auto* control = std::get_if<Control>(&changes[i])) {
      committed(*control, std::get<Controlled>(outcome), now);
    } else if (const auto* move = std::get_if<MoveClock>(&changes[i])) {
      committed(*move, now);
    }
    if (tickets[i].reply.done) tickets[i].reply.done(std::move(changes[i]), outcome);
    keep_behind_turn(tickets[i].reply);
  }
  begin_deferred();
}

void Conductor::begin_deferred() {
  for (const auto& [lane, key] : std::exchange(deferred_, {})) enqueue(lane, key);
}

void Conductor::committed(const Control& control, const Controlled& controlled, Time now) {
  if (controlled.refused || !controlled.changed) return;
  if (concerns_.forget(control, controlled)) {
    scheduler_.rescan(scheduler_.lane_of(controlled.workflow));
    timers_.rewind();
  }
  if (Resident* const resident = find(control.key)) {
    if (resident->dead) ask_to_stop(*resident);
    if (resident->dead || resident->pausing) call_off(resident->key, resident->residency, now);
  }
  if (controlled.after == Status::terminated) {
    notify(control.key, nullptr, terminated_end());
  } else if (controlled.after == Status::queued || controlled.after == Status::running) {
    enqueue(controlled.workflow, control.key);
  }
}

void Conductor::committed(const Advance& advance, const Advanced& advanced, const Ticket& ticket, Time now) {
  Resident* resident = find(ticket.key, ticket.residency);
  // What the frames went on with is not in the record, or what they went on from.
  const bool lacks_results = !advanced.recorded && !advance.leave;
  if (!advanced.continued || lacks_results) {
    if (resident == nullptr || (advanced.continued && resident->condemned)) return;
    for (const Sequence seq : ticket.flights) drop_flight(*resident, seq);
    if (!advanced.found) {
      resident->dead = true;
      ask_to_stop(*resident);
    }
    const Status status = advanced.status;
    resident->rebuild = status == Status::queued || status == Status::waiting || status == Status::running;
    condemn(*resident);
    if (!advanced.found) call_off(ticket.key, ticket.residency, now);
    return;
  }
  for (const Sequence seq : ticket.flights) dispatch(ticket.key, ticket.residency, seq, now);
  if (!advance.leave) return;
  if (advance.leave == Cause::park) concerns_.note_parked(ticket.workflow, advance, ticket.id, now);
  resident = find(ticket.key, ticket.residency);
  const bool waits = resident != nullptr && advanced.status == Status::waiting;
  if (waits && !resident->condemned && !resident->holds_slot && !resident->wants_slot)
    set_idle(*resident, now);
  if (is_finished(advanced.status)) {
    notify(ticket.key, nullptr, {advanced.status, advance.output, advance.error.value_or(ErrorRecord{})});
  }
  const bool gone = is_finished(advanced.status) || *advance.leave == Cause::park;
  if (gone && resident != nullptr && resident->flights.empty()) erase(*resident);
}

void Conductor::keep_behind_turn(const Reply& reply) {
  if (reply.behind_turn) actions_.answered.push_back(reply.behind_turn);
}

void Conductor::notify(Key key, const std::exception_ptr& error, const detail::Ended& ended) {
  const auto [first, last] = watchers_.equal_range(key);
  for (auto watcher = first; watcher != last; ++watcher) tell(watcher->second, error, ended);
  watchers_.erase(first, last);
}

// Without memory for it whoever watches is told of the fault that follows.
void Conductor::tell(Watch& watch, const std::exception_ptr& error, const detail::Ended& ended) {
  actions_.notifications.push_back({.callback = {}, .error = error, .ended = ended});
  actions_.notifications.back().callback = std::move(watch.callback);
}

// ------------------------------------------------------------------------------------------- when the store
// refuses

// Nothing of the group counts, or nobody knows; and what was decided meanwhile was built on it. Callers are
// told. Results of bodies are kept and written again; the frames that ran ahead of them are condemned and
// rebuilt from the record.
void Conductor::failed(const Error& error, Time now) {
  const Errc code = error.code() == Errc::outcome_unknown ? Errc::store_failed : error.code();
  const std::size_t unrecorded = unrecorded_.size();
  failed(std::exchange(writing_, {}), error, unrecorded);
  failed(std::exchange(group_, {}),
         Error{code, std::string{"not written, since the group before it failed: "} + detail::what_of(error)},
         unrecorded);
  left_.clear();
  begin_deferred();
  if (error.code() == Errc::outcome_unknown) concerns_.read_again();
  try_later(StoreOutage::Call::write, error, now);
}

void Conductor::failed(Group group, const Error& error, std::size_t first_unrecorded) {
  for (std::size_t i = 0; i < group.changes.size(); ++i) {
    const Ticket& ticket = group.tickets[i];
    const Reply& reply = ticket.arrival ? ticket.arrival->reply : ticket.reply;
    if (reply.failed) reply.failed(error);
    keep_behind_turn(reply);
    doubt(group.changes[i], ticket);
    if (const auto* move = std::get_if<MoveClock>(&group.changes[i])) {
      failed(*move, reply, error);
      move_unrecorded(first_unrecorded, *move);
    }
    const auto* advance = std::get_if<Advance>(&group.changes[i]);
    if (advance == nullptr || ticket.arrival) continue;  // its sender has been told, and sends it again
    if (!advance->results.empty() || advance->leave == Cause::quiesce) {
      Advance again{.key = advance->key, .run = advance->run, .results = advance->results};
      if (advance->leave == Cause::quiesce) again.leave = advance->leave;
      unrecorded_.push_back(std::move(again));
    }
  }
}

// Whom the change is about begins anew from the record, also one that has left memory since.
void Conductor::doubt(const Change& change, const Ticket& ticket) {
  if (const auto* control = std::get_if<Control>(&change)) {
    if (Resident* resident = find(control->key)) return doubt(*resident);
    if (ticket.workflow != 0) enqueue(ticket.workflow, control->key);
  } else if (const auto* event = std::get_if<SendEvent>(&change)) {
    if (Resident* resident = find(event->key)) doubt(*resident);
  } else if (const auto* batch = std::get_if<CreateBatch>(&change)) {
    for (std::size_t i = 0; i < batch->begun; ++i) {
      const Key key = batch->first_key + static_cast<Key>(i);
      Resident* const resident = find(key);
      resident == nullptr ? enqueue(batch->workflow, key) : doubt(*resident);
    }
  } else if (ticket.key != 0) {
    Resident* resident = find(ticket.key, ticket.residency);
    if (resident == nullptr) return enqueue(ticket.workflow, ticket.key);
    for (const Sequence seq : ticket.flights) drop_flight(*resident, seq);
    doubt(*resident);
  }
}

// Whether it is paused, terminated or restarted is not known: its results are offered, and so is the pause.
// The store takes what fits.
void Conductor::doubt(Resident& resident) {
  resident.dead = false;
  resident.pausing = true;
  resident.rebuild = true;
  condemn(resident);
}

void Conductor::failed(const Read& read, const Error& error, Time now) {
  if (const auto* names = std::get_if<ReadNames>(&read))
    return concerns_.failed(*names, error, now, uptime());
  if (const auto* parked = std::get_if<ReadParked>(&read))
    return concerns_.failed(*parked, error, now, uptime());
  if (std::holds_alternative<ReadRows>(read)) return;
  if (const auto* history = std::get_if<ReadHistory>(&read)) {
    enqueue(stop_loading(history->key), history->key);
  } else if (const auto* outputs = std::get_if<ReadOutputs>(&read)) {
    if (Resident* const resident = find(outputs->range.key, outputs->residency);
        resident != nullptr && resident->rests_since == turn_)
      rest(*resident);
  } else if (const auto* end = std::get_if<ReadEnd>(&read)) {
    notify(end->key, std::make_exception_ptr(error), {});
  }
  try_later(StoreOutage::Call::read, error, now);
}

void Conductor::try_later(StoreOutage::Call call, const Error& error, Time now) {
  log(store_.note_failure(call, error, now, uptime()));
  if (error.code() == Errc::file_is_owned) halt(now);  // whoever owns the store now runs the instances
  if (begun_) store_.rest(uptime());
}

// A line without memory for it is lost.
void Conductor::log(std::optional<LogLine> line) {
  if (line) detail::contain([&] { actions_.log.push_back(*std::move(line)); }, [] {});
}

// True: the store may be used again. False: not yet, or what was kept is in the group now and comes first.
bool Conductor::write_again() {
  if (!store_.end_rest(uptime())) return false;
  scheduler_.rescan_all();
  timers_.rewind();
  write_moves();
  // An end that was written although its commit was reported as unknown was told to nobody.
  for (auto watcher = watchers_.begin(); watcher != watchers_.end();
       watcher = watchers_.upper_bound(watcher->first)) {
    reads_.push_back(ReadEnd{watcher->first});
  }
  return !write_unrecorded();
}

// Whether there was something.
bool Conductor::write_unrecorded() {
  if (unrecorded_.empty()) return false;
  for (Advance& advance : std::exchange(unrecorded_, {})) {
    left_.insert(advance.key);
    push(std::move(advance), {});
  }
  return true;
}

}  // namespace cairn::engine
