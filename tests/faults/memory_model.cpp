#include "tests/faults/memory_model.hpp"

#include "tests/faults/memory_scene.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace cairn::testing {
namespace {

using Act = MemoryAct::Kind;

bool took_event(const History& history) {
  return !history.events.empty() || std::ranges::any_of(history.steps, [](const StepRow& step) {
    return step.kind == StepKind::wait_for_event && step.ended_seq;
  });
}

bool is_for_lack_of_memory(const History& history) {
  const std::string& what = history.error->message;
  return what.find("bad_alloc") != std::string::npos || what.find("memory") != std::string::npos;
}

}  // namespace

MemoryModel::MemoryModel(const std::vector<std::string>& journal) : told_(memory_acts().size()) {
  const std::size_t none = told_.size();
  std::size_t open = none;
  for (const std::string& line : journal) {
    std::istringstream words{line};
    std::string word;
    std::size_t act = 0;
    if (!(words >> word >> act)) throw std::runtime_error("no line of a journal: " + line);
    Told& told = told_.at(act);
    if (word == "asked") {
      open = act;
      continue;
    }
    open = none;
    if (word == "refused" && told != Told::unknown) told = Told::refused;
    if (word == "unknown") told = Told::unknown;
    if (word == "done") told = Told::done;
  }
  // Asked, and no answer: the process has ended.
  if (open != none) told_[open] = Told::unknown;
}

std::vector<std::string> MemoryModel::faults(const Record& record) const {
  std::vector<std::string> faults;
  for (std::size_t i = 0; i < told_.size(); ++i) {
    const MemoryAct& act = memory_acts()[i];
    if (act.ids.front() == brief_instance) continue;
    std::optional<std::string> fault = act.kind == Act::create ? fault_of_creation(i, record)
                                                               : fault_of_request(i, record);
    if (fault) faults.push_back(*std::move(fault));
  }
  return faults;
}

std::optional<std::string> MemoryModel::fault_of_creation(std::size_t number, const Record& record) const {
  const std::vector<std::string>& ids = memory_acts()[number].ids;
  const std::string& id = ids.front();
  const auto there = std::ranges::count_if(ids, [&](const auto& one) { return record.contains(one); });
  const Told told = told_[number];
  if (there != 0 && there != std::ssize(ids)) return "there is a part of the batch of " + id;
  if (there == 0 && told == Told::done) return id + " was created, and is lost";
  if (there != 0 && told <= Told::refused) return id + " was refused, and is there";
  return std::nullopt;
}

std::optional<std::string> MemoryModel::fault_of_request(std::size_t number, const Record& record) const {
  const MemoryAct& act = memory_acts()[number];
  const std::string& id = act.ids.front();
  const auto found = record.find(id);
  if (found == record.end() || told_[number] != Told::done) return std::nullopt;
  const History& history = found->second;
  const Status status = history.row.status;
  if (act.kind == Act::send && !is_finished(status) && !took_event(history))
    return "the event of " + id + " is lost";
  if (act.kind == Act::terminate && !is_followed(number) && status != Status::terminated)
    return id + " was terminated, and is not";
  if (act.kind == Act::restart && history.row.run < 2) return id + " was restarted, and is not";
  if (act.kind == Act::pause && !is_followed(number) && status != Status::paused &&
      status != Status::waiting_for_pause && !is_finished(status))
    return id + " was paused, and is not";
  return std::nullopt;
}

// Whether something else was asked of the same instance.
bool MemoryModel::is_followed(std::size_t number) const {
  for (std::size_t i = number + 1; i < told_.size(); ++i) {
    if (memory_acts()[i].ids == memory_acts()[number].ids && told_[i] != Told::nothing) return true;
  }
  return false;
}

std::vector<std::string> MemoryModel::unfinished(const Record& record) const {
  std::vector<std::string> faults;
  for (const MemoryAct& act : memory_acts()) {
    if (act.kind != Act::create) continue;
    for (const std::string& id : act.ids) {
      const auto found = record.find(id);
      if (found == record.end()) continue;
      const History& history = found->second;
      const Status status = history.row.status;
      const bool may_be_terminated = id == "ask-3" || id == "ask-4";
      if (!is_finished(status)) faults.push_back(id + " has not ended");
      if (status == Status::terminated && !may_be_terminated) faults.push_back(id + " was terminated");
      if (status == Status::errored && !is_for_lack_of_memory(history))
        faults.push_back(id + " ended with " + history.error->message);
      if (status == Status::complete &&
          history.output != std::to_string(MemoryWorkflows::expected_output(act.workflow)))
        faults.push_back(id + " ended with " + history.output);
    }
  }
  return faults;
}

std::size_t MemoryModel::errored(const Record& record) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      record, [](const auto& entry) { return entry.second.row.status == Status::errored; }));
}

std::vector<std::string> compare_bodies(const std::vector<Line>& ledger, const Record& record) {
  std::vector<std::string> faults;
  std::map<std::pair<std::string, std::string>, const StepRow*> steps;
  for (const auto& [id, history] : record) {
    for (const StepRow& step : history.steps) {
      if (step.kind == StepKind::step) steps.emplace(std::pair{id, full_name(step)}, &step);
    }
  }
  std::set<std::tuple<std::string, std::string, int>> begun;
  std::set<std::tuple<std::string, std::string, int>> effects;
  for (const Line& line : ledger) {
    const auto found = steps.find({line.instance, line.step});
    const std::string what = to_text(line);
    if (found == steps.end() || found->second->attempt < line.attempt) {
      faults.push_back("this is not recorded, or not for so long: " + what);
      continue;
    }
    if (line.kind == Line::Kind::effect) effects.emplace(line.instance, line.step, line.attempt);
    if (line.kind == Line::Kind::begun && !begun.emplace(line.instance, line.step, line.attempt).second)
      faults.push_back("this began twice: " + what);
  }
  for (const auto& [name, step] : steps) {
    const bool succeeded = step->ended_seq && !step->error;
    if (succeeded && !effects.contains({name.first, name.second, step->attempt}))
      faults.push_back(name.second + " of " + name.first + " has a result, and no effect");
  }
  return faults;
}

}  // namespace cairn::testing
