#include "tests/crash/ledger_check.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <sstream>

namespace cairn::testing {
namespace {

// Where in the ledger the lines of one attempt stand.
struct AttemptLines {
  std::optional<std::size_t> begun;
  std::optional<std::size_t> effect;
  std::optional<std::size_t> failed;

  [[nodiscard]] bool ended() const { return effect || failed; }
  [[nodiscard]] std::size_t last() const { return effect.value_or(failed.value_or(begun.value_or(0))); }
};

using StepLines = std::map<int, AttemptLines>;
using StepName = std::pair<std::string, std::string>;

std::string in_words(const StepName& step, int attempt) {
  return step.second + " of " + step.first + ", attempt " + std::to_string(attempt);
}

const StepRow* find_step(const Record& record, const StepName& name) {
  const auto instance = record.find(name.first);
  if (instance == record.end()) return nullptr;
  const auto& steps = instance->second.steps;
  const auto step = std::find_if(steps.begin(), steps.end(),
                                 [&](const StepRow& row) { return full_name(row) == name.second; });
  return step == steps.end() ? nullptr : &*step;
}

bool was_cut_off(const StepRow& step, int attempt) {
  const auto index = static_cast<std::size_t>(attempt) - 1;
  return index < step.failures.size() && step.failures[index].interrupted;
}

bool succeeded(const StepRow& step) {
  return step.ended_seq && !step.error;
}

class Comparison {
 public:
  Comparison(const std::vector<Line>& ledger, const Record& record) : record_{record} {
    for (std::size_t i = 0; i < ledger.size(); ++i) add(ledger[i], i);
  }

  LedgerCheck::Faults run() {
    for (const auto& [name, lines] : steps_) {
      const StepRow* step = find_step(record_, name);
      if (step == nullptr) {
        fault(in_words(name, lines.begin()->first) + " began, and no such step is recorded");
        continue;
      }
      check_order(name, lines, *step);
      check_effects(name, lines, *step);
    }
    for (const auto& [id, history] : record_) check_recorded(id, history);
    return std::move(faults_);
  }

 private:
  void fault(std::string words) { faults_.push_back(std::move(words)); }

  void add(const Line& line, std::size_t at) {
    const StepName name{line.instance, line.step};
    AttemptLines& lines = steps_[name][line.attempt];
    std::optional<std::size_t>& place = line.kind == Line::Kind::begun    ? lines.begun
                                        : line.kind == Line::Kind::effect ? lines.effect
                                                                          : lines.failed;
    if (place) fault(in_words(name, line.attempt) + " stands twice in the ledger: " + to_text(line));
    place = at;
    if (line.kind != Line::Kind::begun && !lines.begun) fault(in_words(name, line.attempt) + " never began");
    if (key_of_.emplace(name, line.idempotency_key).first->second != line.idempotency_key) {
      fault(in_words(name, line.attempt) + " has an idempotency key of its own");
    }
    if (step_of_.emplace(line.idempotency_key, name).first->second != name) {
      fault(in_words(name, line.attempt) + " has the idempotency key of another step");
    }
  }

  void check_order(const StepName& name, const StepLines& lines, const StepRow& step) {
    const AttemptLines* before = nullptr;
    int attempt_before = 0;
    for (const auto& [attempt, places] : lines) {
      if (attempt > step.attempt) fault(in_words(name, attempt) + " began before that was recorded");
      if (before != nullptr && places.begun < before->last()) {
        fault(in_words(name, attempt) + " began while an earlier one ran");
      }
      const bool last = attempt == lines.rbegin()->first;
      if (!last && !places.ended() && !was_cut_off(step, attempt)) {
        fault(in_words(name, attempt) + " has not ended, was not cut off, and yet was followed");
      }
      if (attempt_before != 0 && attempt != attempt_before + 1) {
        for (int skipped = attempt_before + 1; skipped < attempt; ++skipped) {
          if (!was_cut_off(step, skipped)) fault(in_words(name, skipped) + " was left out");
        }
      }
      before = &places;
      attempt_before = attempt;
    }
  }

  void check_effects(const StepName& name, const StepLines& lines, const StepRow& step) {
    for (const auto& [attempt, places] : lines) {
      if (!places.effect || attempt == step.attempt || was_cut_off(step, attempt)) continue;
      fault(in_words(name, attempt) + " had its effect, and its result is not recorded");
    }
  }

  [[nodiscard]] const AttemptLines* lines_of(const StepName& name, int attempt) const {
    const auto step = steps_.find(name);
    if (step == steps_.end()) return nullptr;
    const auto lines = step->second.find(attempt);
    return lines == step->second.end() ? nullptr : &lines->second;
  }

  void check_recorded(const std::string& id, const History& history) {
    for (const StepRow& step : history.steps) {
      if (step.kind != StepKind::step) continue;
      const StepName name{id, full_name(step)};
      const AttemptLines* successful = lines_of(name, step.attempt);
      if (succeeded(step) && (successful == nullptr || !successful->effect)) {
        fault(in_words(name, step.attempt) + " has a recorded result, and no effect");
      }
      for (std::size_t i = 0; i < step.failures.size(); ++i) {
        const int attempt = static_cast<int>(i) + 1;
        const AttemptLines* lines = lines_of(name, attempt);
        if (!step.failures[i].interrupted && (lines == nullptr || !lines->failed)) {
          fault(in_words(name, attempt) + " is recorded as failed, and never failed");
        }
      }
      if (succeeded(step) && successful != nullptr) check_followers(id, history, step, *successful);
    }
  }

  // Steps that began after `step` had ended.
  void check_followers(const std::string& id, const History& history, const StepRow& step,
                       const AttemptLines& lines) {
    for (const StepRow& other : history.steps) {
      if (other.started_seq < *step.ended_seq) continue;
      const StepName name{id, full_name(other)};
      const auto others = steps_.find(name);
      if (others == steps_.end()) continue;
      const auto& [attempt, first] = *others->second.begin();
      if (first.begun < lines.effect) {
        fault(in_words(name, attempt) + " began before the effect of " + full_name(step));
      }
    }
  }

  const Record& record_;
  std::map<StepName, StepLines> steps_;
  std::map<StepName, std::string> key_of_;
  std::map<std::string, StepName> step_of_;
  LedgerCheck::Faults faults_;
};

bool has_event(const History& history) {
  return !history.events.empty() ||
         std::any_of(history.steps.begin(), history.steps.end(), [](const StepRow& step) {
           return step.kind == StepKind::wait_for_event && step.ended_seq;
         });
}

}  // namespace

LedgerCheck::Faults LedgerCheck::compare(const std::vector<Line>& ledger, const Record& record) {
  return Comparison{ledger, record}.run();
}

LedgerCheck::Faults LedgerCheck::remember(const std::vector<Line>& ledger, const Record& record) {
  Faults faults;
  std::map<StepName, std::size_t> lines;
  for (const Line& line : ledger) ++lines[{line.instance, line.step}];
  for (const auto& [name, row_and_lines] : ended_) {
    const StepRow* step = find_step(record, name);
    if (step == nullptr || *step != row_and_lines.first) {
      faults.push_back(name.second + " of " + name.first + " had ended, and its record has changed");
    }
    if (lines[name] != row_and_lines.second) {
      faults.push_back(name.second + " of " + name.first + " ran again after its result was recorded");
    }
  }
  for (const auto& [id, history] : finished_) {
    const auto found = record.find(id);
    if (found == record.end() || found->second != history) {
      faults.push_back(id + " had ended, and its record has changed");
    }
  }
  for (const auto& [id, history] : record) {
    for (const StepRow& step : history.steps) {
      const StepName name{id, full_name(step)};
      if (step.ended_seq) ended_.emplace(name, std::pair{step, lines[name]});
    }
    if (is_finished(history.row.status)) finished_.emplace(id, history);
  }
  return faults;
}

void LedgerCheck::forget(const std::function<bool(const std::string& instance)>& is_over) {
  std::erase_if(ended_, [&](const auto& step) { return is_over(step.first.first); });
  std::erase_if(finished_, [&](const auto& instance) { return is_over(instance.first); });
}

LedgerCheck::Faults LedgerCheck::acknowledged(const std::vector<std::string>& journal, const Record& record) {
  Faults faults;
  for (const std::string& line : journal) {
    std::istringstream words{line};
    std::string kind;
    std::string name;
    std::string round;
    words >> kind >> name >> round;
    if (kind == "event") {
      const auto instance = record.find(name);
      if (instance == record.end() || !has_event(instance->second)) faults.push_back(line + " is lost");
      continue;
    }
    for (const char* suffix : {"-a", "-b"}) {
      if (!record.contains(name + "-" + round + suffix)) faults.push_back(line + " is lost");
    }
  }
  return faults;
}

}  // namespace cairn::testing
