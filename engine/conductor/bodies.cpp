#include "engine/conductor/conductor.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

// Bodies, from the record of their attempt to their return. An attempt is recorded as in flight when there is
// a place for it, and its body begins some time after the commit, when a worker takes it: until then it may
// be called off. Its clock begins with it.
namespace cairn::engine {

namespace {

// A body that has not begun is looked at no more often, however short its timeout is.
constexpr Duration look_every = std::chrono::milliseconds{10};

Carrier carrier_of(const OpenStep& step) {
  return step.call->body->needs_worker() ? Carrier::worker : Carrier::loop;
}

}  // namespace

void Conductor::add_flight(Resident& resident, OpenStep& step) {
  step.in_flight = true;
  const Carrier carrier = carrier_of(step);
  resident.flights.insert_or_assign(step.started_seq, Flight{.attempt = step.attempt, .carrier = carrier});
  places_.take(carrier);
  ++bodies_;
}

void Conductor::begin_attempt(Resident& resident, OpenStep& step, Advance& advance, Time now) {
  ++step.attempt;
  step.due.reset();
  advance.attempts.push_back({.started_seq = step.started_seq, .attempt = step.attempt, .at = now});
  add_flight(resident, step);
}

std::pair<Resident*, Flight*> Conductor::find_flight(Key key, Residency residency, Sequence started_seq) {
  Resident* const resident = find(key, residency);
  if (resident == nullptr) return {};
  const auto found = resident->flights.find(started_seq);
  if (found == resident->flights.end()) return {};
  return {resident, &found->second};
}

std::optional<Flight> Conductor::drop_flight(Resident& resident, Sequence started_seq) {
  auto node = resident.flights.extract(started_seq);
  if (node.empty()) return std::nullopt;
  Flight flight = std::move(node.mapped());
  if (flight.look_at) deadlines_.erase({*flight.look_at, resident.key, started_seq});
  if (flight.lends) {
    --resident.lending;
  } else {
    places_.leave(flight.carrier);
  }
  --bodies_;
  return flight;
}

// ------------------------------------------------------------------------------------------------
// places

bool Conductor::has_place(const OpenStep& step) const {
  return places_.free(carrier_of(step), uptime());
}

// It is recorded as due, and is looked at no more before it has its place. One that waits already may have
// had its turn while it could not begin.
void Conductor::wait_for_place(Resident& resident, OpenStep& step) {
  const Carrier carrier = carrier_of(step);
  places_.wait(carrier, resident.key);
  if (std::exchange(step.unplaced, true)) return;
  resident.unplaced[static_cast<std::size_t>(carrier)].push_back(step.started_seq);
  ++unplaced_;
}

// One body of an instance, then it is the turn of the next.
void Conductor::begin_unplaced(Time now) {
  for (const Carrier carrier : carriers) {
    while (const std::optional<Key> key = places_.next(carrier, uptime())) {
      Resident* const resident = find(*key);
      if (resident == nullptr || resident->condemned || resident->pausing || !resident->holds_slot) continue;
      std::deque<Sequence>& steps = resident->unplaced[static_cast<std::size_t>(carrier)];
      if (steps.empty()) continue;
      OpenStep& step = resident->frames->open().at(steps.front());
      steps.pop_front();
      --unplaced_;
      step.unplaced = false;
      if (!steps.empty()) places_.wait(carrier, *key);
      Advance advance;
      begin_attempt(*resident, step, advance, now);
      emit(*resident, std::move(advance));
    }
  }
}

void Conductor::forget_unplaced(Resident& resident) {
  for (const Carrier carrier : carriers) {
    std::deque<Sequence>& steps = resident.unplaced[static_cast<std::size_t>(carrier)];
    if (steps.empty()) continue;
    places_.forget(carrier, resident.key);
    unplaced_ -= steps.size();
    for (const Sequence seq : steps) resident.frames->open().at(seq).unplaced = false;
    steps.clear();
  }
}

// ------------------------------------------------------------------------------------------------
// beginning

void Conductor::dispatch(Key key, Residency residency, Sequence started_seq, Time now) {
  const auto [resident, flight] = find_flight(key, residency, started_seq);
  if (flight == nullptr) return;
  if (resident->dead || resident->pausing || halting_) return withdraw(*resident, started_seq, now);
  const OpenStep& step = resident->frames->open().at(started_seq);
  flight->launch = std::make_shared<Launch>();
  flight->look_at = uptime() + step.options.timeout;
  deadlines_.emplace(*flight->look_at, key, started_seq);
  actions_.bodies.push_back({.key = key,
                             .residency = residency,
                             .started_seq = started_seq,
                             .run = resident->run,
                             .attempt = flight->attempt,
                             .name = step.name,
                             .count = step.count,
                             .definition = resident->definition,
                             .body = step.call->body,
                             .stop = flight->stop,
                             .launch = flight->launch});
}

// A body tells nobody that it begins. One that has not begun when it was looked at cannot time out before a
// whole timeout from then.
void Conductor::ring_deadlines(Time now) {
  if (deadlines_.empty()) return;
  const Duration uptime = this->uptime();
  while (!deadlines_.empty() && std::get<Duration>(*deadlines_.begin()) <= uptime) {
    const auto [time, key, seq] = *deadlines_.begin();
    deadlines_.erase(deadlines_.begin());
    Resident& resident = residents_.at(key);
    Flight& flight = resident.flights.at(seq);
    const std::optional<Launch::Beginning> beginning = flight.beginning();
    const Duration timeout = resident.frames->open().at(seq).options.timeout;
    flight.look_at = beginning ? beginning->uptime + timeout : uptime + std::max(timeout, look_every);
    if (*flight.look_at > uptime) {
      deadlines_.emplace(*flight.look_at, key, seq);
      continue;
    }
    flight.look_at.reset();
    flight.timed_out = true;
    actions_.stops.push_back(flight.stop);
    if (resident.returning.empty()) continue;
    regain_slot(resident);  // it goes on to its end
    go_on_with_slot(resident, now);
  }
}

std::optional<Duration> Conductor::next_uptime() const {
  if (!begun_ || halting_) return std::nullopt;
  std::optional<Duration> least = store_.rests() ? store_.rests_until() : concerns_.next_uptime();
  const auto lower = [&](Duration time) { least = least ? std::min(*least, time) : time; };
  if (!deadlines_.empty()) lower(std::get<Duration>(*deadlines_.begin()));
  if (right_of_way_.until() && !resting_.empty() && !store_.rests()) lower(*right_of_way_.until());
  return least;
}

std::vector<std::string> Conductor::running_steps() const {
  std::vector<std::string> steps;
  for (const auto& [key, resident] : residents_) {
    for (const auto& [seq, flight] : resident.flights) {
      if (!flight.beginning()) continue;
      const OpenStep& step = resident.frames->open().at(seq);
      steps.push_back("step \"" + step.name + "-" + std::to_string(step.count) + "\" of " + resident.name());
    }
  }
  return steps;
}

// ------------------------------------------------------------------------------------------------
// not beginning

// Bodies that are not wanted any more and have not begun. It is known before anybody is told of it, for a
// body that begins is one that could have begun before.
void Conductor::call_off(Key key, Residency residency, Time now) {
  const Resident* const resident = find(key, residency);
  if (resident == nullptr) return;
  std::vector<Sequence> called_off;
  for (const auto& [seq, flight] : resident->flights) {
    if (flight.launch && flight.launch->call_off()) called_off.push_back(seq);
  }
  actions_.called_off += called_off.size();
  for (const Sequence seq : called_off) {
    if (Resident* const there = find(key, residency)) withdraw(*there, seq, now);
  }
}

// It is recorded as in flight, and has not begun: the step is as it was before, due, with the same attempt to
// come. `resident` may be gone afterwards.
void Conductor::withdraw(Resident& resident, Sequence started_seq, Time now) {
  drop_flight(resident, started_seq);
  if (resident.dead) {
    if (resident.flights.empty()) retire(resident);
    return;
  }
  OpenStep& step = resident.frames->open().at(started_seq);
  StepResult result{.started_seq = started_seq, .attempt = step.attempt, .withdrawn = true, .at = now};
  --step.attempt;
  step.in_flight = false;
  step.wait_until(saturating_add(now, -resident.paused_until(now)));
  result.retry_due = step.due;
  take_result(resident, std::move(result), now);
}

}  // namespace cairn::engine
