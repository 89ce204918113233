#include "tests/simulation/facts.hpp"

#include <algorithm>

namespace cairn::testing {
namespace {

std::string word(Status status) {
  return std::string{to_string(status)};
}

std::string word(Errc code) {
  return std::string{to_string(code)};
}

Cause cause_of(const Control& control) {
  switch (control.command) {
    case Command::pause:
      return control.idle ? Cause::pause_idle : Cause::pause;
    case Command::resume:
      return Cause::resume;
    case Command::terminate:
      return Cause::terminate;
    case Command::restart:
      break;
  }
  return Cause::restart;
}

}  // namespace

const Fact* Facts::find(Key key) const {
  const auto found = facts_.find(key);
  return found == facts_.end() ? nullptr : &found->second;
}

void Facts::follow(const Change& change, const Outcome& outcome, Time now) {
  std::visit(
      [&](const auto& one) {
        using One = std::decay_t<decltype(one)>;
        if constexpr (std::is_same_v<One, Define>) {
          follow(one, std::get<Defined>(outcome), now);
        } else if constexpr (std::is_same_v<One, CreateBatch>) {
          follow(one, std::get<Created>(outcome), now);
        } else if constexpr (std::is_same_v<One, SendEvent>) {
          follow(one, std::get<Sent>(outcome), now);
        } else if constexpr (std::is_same_v<One, Control>) {
          follow(one, std::get<Controlled>(outcome), now);
        } else if constexpr (std::is_same_v<One, Advance>) {
          follow(one, std::get<Advanced>(outcome), now);
        } else if constexpr (std::is_same_v<One, Sweep>) {
          follow(one, std::get<Swept>(outcome), now);
        } else {
          follow(one, std::get<ClockMoved>(outcome), now);
        }
      },
      change);
}

void Facts::follow(const Define& /*define*/, const Defined& /*defined*/, Time /*now*/) {
  statistics_.count("define ok");
}

void Facts::follow(const CreateBatch& batch, const Created& created, Time /*now*/) {
  std::set<std::string> in_batch;
  std::vector<Conflict> expected;
  for (std::size_t i = 0; i < batch.rows.size(); ++i) {
    const std::string& id = batch.rows[i].id;
    if (ids_.contains({batch.workflow, id})) {
      expected.push_back({i, Errc::instance_already_exists});
    } else if (!in_batch.insert(id).second) {
      expected.push_back({i, Errc::duplicate_in_batch});
    }
  }
  const bool same = std::ranges::equal(expected, created.conflicts, [](const auto& one, const auto& other) {
    return one.index == other.index && (one.code == other.code);
  });
  const bool refuses = batch.on_conflict == OnConflict::fail && !expected.empty();
  findings_.require(created.refused == refuses && (same || refuses),
                    "V10: a batch met other conflicts than it has");
  statistics_.count(refuses ? "create refused" : "create ok");
  if (!expected.empty()) statistics_.count("create conflict");
  if (refuses) return;
  for (std::size_t i = 0; i < batch.rows.size(); ++i) {
    if (std::ranges::find(expected, i, &Conflict::index) != expected.end()) continue;
    const Key key = batch.first_key + static_cast<Key>(i);
    const NewRow& row = batch.rows[i];
    findings_.require(!facts_.contains(key) && !removed_.contains(key), "V17: key ", key,
                      " was given out twice");
    Fact fact{.workflow = batch.workflow, .id = row.id, .retention = row.retention};
    if (i < batch.begun) {
      fact.status = Status::running;
      statistics_.count("transition queued start");
    }
    ids_[{batch.workflow, row.id}] = key;
    facts_[key] = std::move(fact);
  }
}

void Facts::follow(const SendEvent& event, const Sent& sent, Time /*now*/) {
  const auto found = facts_.find(event.key);
  if (sent.refused) {
    statistics_.count("event " + word(*sent.refused));
    const bool gone = found == facts_.end();
    findings_.require(*sent.refused == Errc::instance_not_found ? gone
                      : *sent.refused == Errc::cannot_send_event
                          ? !gone && is_finished(found->second.status)
                          : !gone && found->second.events.size() >= event.buffered_max,
                      "V21: an event to ", event.key, " was refused without reason: ", word(*sent.refused));
    return;
  }
  statistics_.count(sent.awaited ? "event awaited" : "event buffered");
  findings_.require(found != facts_.end() && !is_finished(found->second.status),
                    "V21: an event was accepted for ", event.key, ", which takes none");
  findings_.require(sent.event > last_event_, "V17: event ", sent.event, " after ", last_event_);
  last_event_ = std::max(last_event_, sent.event);
  if (found != facts_.end()) found->second.events.emplace_back(sent.event, event.type);
}

void Facts::follow(const Control& control, const Controlled& controlled, Time now) {
  static constexpr const char* const names[] = {"pause", "resume", "terminate", "restart"};
  const std::string name = names[static_cast<std::size_t>(control.command)];
  const auto found = facts_.find(control.key);
  if (controlled.refused) {
    statistics_.count(name + " " + word(*controlled.refused));
    const bool gone = found == facts_.end();
    findings_.require(
        *controlled.refused == Errc::instance_not_found ? gone : !gone && is_finished(found->second.status),
        "V21: to ", name, " ", control.key, " was refused without reason");
    return;
  }
  statistics_.count(name + (controlled.changed ? " ok" : " nothing to do"));
  findings_.require(found != facts_.end(), "V21: ", name, " of ", control.key,
                    " succeeded, which does not exist");
  if (found == facts_.end()) return;
  Fact& fact = found->second;
  findings_.require(controlled.before == fact.status, "V8: ", control.key, " was ", word(fact.status),
                    " and is said to have been ", word(controlled.before));
  if (controlled.changed) move(control.key, fact, cause_of(control), now);
  if (control.command == Command::restart) {
    ++fact.run;
    fact.events.clear();
    fact.consumed.clear();
    fact.unsure = false;
  }
  findings_.require(controlled.after == fact.status && controlled.run == fact.run, "V8: ", name, " made ",
                    control.key, " ", word(controlled.after), " in run ", controlled.run);
}

// By the table alone.
void Facts::move(Key key, Fact& fact, Cause cause, Time now) {
  const std::optional<Status> after = next(fact.status, cause);
  findings_.require(after.has_value(), "V8: ", key, " is ", word(fact.status), ", and the table has no ",
                    to_string(cause), " from there");
  if (!after) return;
  statistics_.count("transition " + word(fact.status) + " " + std::string{to_string(cause)});
  fact.status = *after;
  fact.expires = expiry(fact.retention, fact.status, now);
  fact.moves = true;
}

void Facts::follow(const Advance& advance, const Advanced& advanced, Time now) {
  const auto found = facts_.find(advance.key);
  const bool there = found != facts_.end() && found->second.run == advance.run;
  findings_.require(advanced.found == there, "V18: a change of run ", advance.run, " of ", advance.key,
                    there ? " was refused" : " was taken, which is not there");
  if (!there || !advanced.found) return statistics_.count("advance of another run");
  Fact& fact = found->second;
  fact.unsure = fact.unsure || !advanced.recorded;
  for (const StepResult& result : advance.results) {
    if (result.event && !fact.unsure) consume(advance.key, fact, result);
    statistics_.count(result.interrupted ? result.ended_seq ? "result given up" : "result interrupted"
                      : result.retry_due ? "result failed"
                      : result.event     ? "result event"
                      : !result.error    ? "result ok"
                                         : "result error " + result.error->name());
  }
  if (!advanced.continued) {
    statistics_.count("advance recorded, not continued");
  } else {
    if (advance.enter) move(advance.key, fact, *advance.enter, now);
    if (!advance.starts.empty() || !advance.attempts.empty()) {
      findings_.require(fact.status == Status::running, "V8: ", advance.key, " began a step while ",
                        word(fact.status));
    }
    if (advance.leave) move(advance.key, fact, *advance.leave, now);
  }
  findings_.require(advanced.status == fact.status, "V8: ", advance.key, " is ", word(fact.status),
                    " by the table, and said to be ", word(advanced.status));
}

// Each event goes to one wait, the first that came of its type first. What was recorded may be offered again.
void Facts::consume(Key key, Fact& fact, const StepResult& result) {
  const auto again = fact.consumed.find(result.started_seq);
  if (again != fact.consumed.end() && again->second == *result.event) return;
  const auto event = std::ranges::find(fact.events, *result.event,
                                       &std::pair<std::int64_t, std::string>::first);
  findings_.require(event != fact.events.end(), "V13: event ", *result.event, " is consumed by ", key,
                    " and is not there");
  if (event == fact.events.end()) return;
  const auto first = std::ranges::find(fact.events, event->second,
                                       &std::pair<std::int64_t, std::string>::second);
  findings_.require(first == event, "V13: ", key, " consumes event ", event->first, " before ", first->first);
  fact.consumed[result.started_seq] = event->first;
  fact.events.erase(event);
}

void Facts::follow(const Sweep& sweep, const Swept& swept, Time now) {
  std::vector<std::pair<Time, Key>> due;
  for (const auto& [key, fact] : facts_) {
    if (fact.expires && *fact.expires <= std::min(now, sweep.until)) due.emplace_back(*fact.expires, key);
  }
  std::ranges::sort(due);
  if (due.size() > sweep.limit) due.resize(sweep.limit);
  findings_.require(swept.instances == due.size(), "V16: a sweep removed ", swept.instances,
                    " instances, and ", due.size(), " had expired");
  statistics_.count(due.empty() ? "sweep of nothing" : swept.more ? "sweep of a piece" : "sweep of all");
  for (const auto& [expires, key] : due) {
    const Fact& fact = facts_.at(key);
    ids_.erase({fact.workflow, fact.id});
    facts_.erase(key);
    removed_.insert(key);
  }
}

void Facts::follow(const MoveClock& move, const ClockMoved& /*moved*/, Time /*now*/) {
  for (auto& [key, fact] : facts_) {
    if (fact.moves && fact.expires) fact.expires = saturating_add(*fact.expires, move.by);
  }
  clock_doubtful_ = move.doubtful;
  statistics_.count(move.doubtful ? "clock doubted" : "clock moved");
}

void Facts::recover() {
  for (auto& [key, fact] : facts_) {
    fact.moves = fact.moves && clock_doubtful_;
    const std::optional<Status> after = next(fact.status, Cause::recover);
    if (!after) continue;
    statistics_.count("transition " + word(fact.status) + " recover");
    fact.status = *after;
  }
}

}  // namespace cairn::testing
