#include "tests/crash/storm/model.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace cairn::testing {
namespace {

using Statuses = std::set<Status>;

constexpr Cause asked_for[] = {Cause::pause,     Cause::pause_idle, Cause::resume,
                               Cause::terminate, Cause::restart,    Cause::park};

bool comes_by_itself(Cause cause) {
  return std::find(std::begin(asked_for), std::end(asked_for), cause) == std::end(asked_for);
}

// With all that the engine makes of them when nobody asks for anything.
Statuses settle(Statuses statuses) {
  for (std::size_t before = 0; before != statuses.size();) {
    before = statuses.size();
    for (const Transition& row : transitions) {
      if (comes_by_itself(row.cause) && statuses.contains(row.from)) statuses.insert(row.to);
    }
  }
  return statuses;
}

bool is_paused(Status status) {
  return status == Status::paused || status == Status::waiting_for_pause;
}

// Where a request leads to that was carried out; it may have had nothing to do.
Statuses after(Act::Kind kind, const Statuses& statuses) {
  Statuses found;
  const auto lead = [&](Status from, Cause cause) {
    if (const auto to = next(from, cause)) found.insert(*to);
  };
  for (const Status status : statuses) {
    if (kind == Act::Kind::pause) {
      if (is_paused(status)) found.insert(status);
      lead(status, Cause::pause);
      lead(status, Cause::pause_idle);
    } else if (kind == Act::Kind::resume) {
      if (!is_paused(status) && !is_finished(status)) found.insert(status);
      lead(status, Cause::resume);
    } else {
      lead(status, kind == Act::Kind::terminate ? Cause::terminate : Cause::restart);
    }
  }
  return settle(std::move(found));
}

std::string words_of(const Statuses& statuses) {
  std::string words;
  for (const Status status : statuses)
    words += (words.empty() ? "" : " or ") + std::string{to_string(status)};
  return words;
}

// The numbers that events have brought, in the order in which they were taken; then those that are buffered.
std::vector<int> numbers_of_events(const History& found) {
  std::vector<int> numbers;
  std::vector<const StepRow*> taken;
  for (const StepRow& step : found.steps) {
    if (step.kind == StepKind::wait_for_event && step.ended_seq && !step.error) taken.push_back(&step);
  }
  std::sort(taken.begin(), taken.end(),
            [](const StepRow* one, const StepRow* other) { return *one->ended_seq < *other->ended_seq; });
  for (const StepRow* step : taken)
    numbers.push_back(nlohmann::json::parse(step->output).at("payload").at("number").get<int>());
  for (const EventRow& event : found.events)
    numbers.push_back(nlohmann::json::parse(event.payload).at("number").get<int>());
  return numbers;
}

}  // namespace

StormModel::StormModel(const std::vector<Act>& journal) {
  for (const Act& act : journal) {
    if (act.outcome == Act::Outcome::done) ++acknowledged_;
    if (act.kind == Act::Kind::create) {
      create(act);
      continue;
    }
    Instance& instance = instances_[act.ids.front()];
    if (act.code == to_string(Errc::instance_not_found)) {
      // Also where its creation is unknown, and did not happen.
      if (instance.certain && !may_be_swept(act.ids.front()))
        impossible_.push_back(act.ids.front() + " was not found");
      instance.gone = true;
    } else {
      act.kind == Act::Kind::send ? send(instance, act) : control(instance, act);
      if (instance.statuses.empty()) {
        impossible_.push_back(act.ids.front() + " cannot be what its client was told after " +
                              std::string{to_string(act.kind)});
      }
    }
  }
}

void StormModel::create(const Act& act) {
  const bool done = act.outcome == Act::Outcome::done;
  if (!done && !act.expires && act.ids.size() > 1) unknown_batches_.push_back(act);
  for (const std::string& id : act.ids) {
    const auto [found, is_new] = instances_.try_emplace(id);
    Instance& instance = found->second;
    instance.certain = instance.certain || done;
    if (done) instance.gone = false;
    if (!is_new) continue;
    instance.params = std::to_string(act.number);
    instance.expires = act.expires;
    instance.statuses = settle({Status::queued});
  }
}

void StormModel::send(Instance& instance, const Act& act) {
  if (act.outcome == Act::Outcome::refused) {
    std::erase_if(instance.statuses, [](Status status) { return !is_finished(status); });
    return;
  }
  const bool done = act.outcome == Act::Outcome::done;
  instance.events.push_back({.number = act.number, .certain = done});
  if (!done) return;
  instance.certain = true;
  std::erase_if(instance.statuses, is_finished);
  instance.statuses = settle(std::move(instance.statuses));
}

void StormModel::control(Instance& instance, const Act& act) {
  const bool done = act.outcome == Act::Outcome::done;
  if (act.outcome == Act::Outcome::refused) {
    std::erase_if(instance.statuses, [](Status status) { return !is_finished(status); });
    return;
  }
  Statuses carried_out = after(act.kind, instance.statuses);
  if (done) {
    instance.certain = true;
    instance.statuses = std::move(carried_out);
  } else {
    instance.statuses.merge(carried_out);
  }
  if (act.kind != Act::Kind::restart) return;
  instance.runs_least += done ? 1 : 0;
  ++instance.runs_most;
  for (Event& event : instance.events) {
    event.certain = false;
    event.forgotten = event.forgotten || done;
  }
}

bool StormModel::may_be_swept(const std::string& id) const {
  const auto found = instances_.find(id);
  if (found == instances_.end() || !found->second.expires) return false;
  return std::any_of(found->second.statuses.begin(), found->second.statuses.end(), is_finished);
}

StormModel::Faults StormModel::compare(const Record& record) const {
  Faults faults = impossible_;
  for (const auto& [id, instance] : instances_) {
    const auto found = record.find(id);
    if (found != record.end()) {
      if (instance.gone) faults.push_back(id + " was gone, and is there");
      compare_one(id, found->second, faults);
    } else if (instance.certain && !may_be_swept(id)) {
      faults.push_back(id + " is lost");
    }
  }
  for (const auto& [id, history] : record) {
    if (!instances_.contains(id)) faults.push_back(id + " is there, and nobody asked for it");
  }
  for (const Act& batch : unknown_batches_) {
    const auto there = static_cast<std::size_t>(std::count_if(
        batch.ids.begin(), batch.ids.end(), [&](const std::string& id) { return record.contains(id); }));
    if (there != 0 && there != batch.ids.size())
      faults.push_back("of the batch of " + batch.ids.front() + " there is a part");
  }
  return faults;
}

void StormModel::compare_one(const std::string& id, const History& found, Faults& faults) const {
  const Instance& instance = instances_.at(id);
  if (found.params != instance.params) faults.push_back(id + " has other params: " + found.params);
  if (!instance.statuses.contains(found.row.status)) {
    faults.push_back(id + " is " + std::string{to_string(found.row.status)} + ", and should be " +
                     words_of(instance.statuses));
  }
  if (found.row.run < instance.runs_least || found.row.run > instance.runs_most) {
    faults.push_back(id + " is in run " + std::to_string(found.row.run) + " of " +
                     std::to_string(instance.runs_least) + " to " + std::to_string(instance.runs_most));
  }
  compare_events(id, found, faults);
}

void StormModel::compare_events(const std::string& id, const History& found, Faults& faults) const {
  const Instance& instance = instances_.at(id);
  const std::vector<int> numbers = numbers_of_events(found);
  if (std::adjacent_find(numbers.begin(), numbers.end(), std::greater_equal{}) != numbers.end())
    faults.push_back(id + " has its events twice, or in another order");
  const auto is_sent = [&](int number) {
    return std::any_of(instance.events.begin(), instance.events.end(),
                       [&](const Event& event) { return event.number == number && !event.forgotten; });
  };
  for (const int number : numbers) {
    if (!is_sent(number))
      faults.push_back(id + " has the event " + std::to_string(number) + ", which nobody sent to this run");
  }
  if (is_finished(found.row.status)) return;
  for (const Event& event : instance.events) {
    if (event.certain && std::find(numbers.begin(), numbers.end(), event.number) == numbers.end())
      faults.push_back(id + " has lost the event " + std::to_string(event.number));
  }
}

}  // namespace cairn::testing
