#include "storage/history_parts.hpp"
#include "storage/memory/store.hpp"

#include <cstddef>
#include <string_view>

namespace cairn::memory {

namespace {

bool is_asked_for(const StepRow& step, const HistoryOptions& options) {
  if (!options.step) return options.steps;
  return step.kind == options.step->kind && step.name == options.step->name &&
         step.count == options.step->count;
}

}  // namespace

// A copy that takes no long text with it.
StepRow MemoryStore::without_output(const Step& stored) const {
  const StepRow& step = stored.row;
  StepRow copy{.started_seq = step.started_seq,
               .kind = step.kind,
               .name = step.name,
               .count = step.count,
               .config = step.config,
               .event_type = step.event_type,
               .started = step.started,
               .attempt = step.attempt,
               .attempt_started = step.attempt_started,
               .failures = step.failures,
               .crashes = step.crashes,
               .due = step.due,
               .due_fixed = step.due_fixed,
               .ended_seq = step.ended_seq,
               .ended = step.ended,
               .error = step.error};
  storage::move(copy, stored.clock, clocks_.leaps(), clocks_.moves_from());
  return copy;
}

// Counted before it is copied.
StepRow MemoryStore::part_of(const Step& stored, const HistoryOptions& options,
                             storage::HistoryBudget& budget) const {
  const StepRow& step = stored.row;
  const std::size_t characters = budget.wants_output() ? options.output_characters : 0;
  const std::string_view output = storage::first_characters(step.output, characters);
  if (output.size() == step.output.size()) {
    budget.take(step);
    for (const Attempt& failure : step.failures) budget.take(failure);
    return step_of(stored);
  }
  StepRow part = without_output(stored);
  part.output = output;
  part.cut = true;
  budget.take(part);
  for (const Attempt& failure : part.failures) budget.take(failure);
  return part;
}

History MemoryStore::read(const Instance& instance, const HistoryOptions& options) const {
  storage::HistoryBudget budget{options};
  History history{.row = row_of(instance)};
  history.step_count = instance.steps.size();
  history.event_count = instance.events.size();
  if (!options.step) {
    budget.take(instance.params.size() + instance.output.size());
    budget.take(instance.error);
    history.params = instance.params;
    history.output = instance.output;
    history.error = instance.error;
  }
  for (const auto& [sequence, step] : instance.steps) {
    if (is_asked_for(step.row, options)) history.steps.push_back(part_of(step, options, budget));
  }
  if (!options.events || options.step) return history;
  for (const auto& [number, event] : instance.events) {
    budget.take(event);
    history.events.push_back(event);
  }
  return history;
}

std::optional<History> MemoryStore::history(Key key, const HistoryOptions& options) const {
  const std::lock_guard lock{mutex_};
  const auto found = instances_.find(key);
  if (found == instances_.end()) return std::nullopt;
  return read(found->second, options);
}

std::vector<std::optional<ErrorRecord>> MemoryStore::errors(std::span<const Key> keys) const {
  const std::lock_guard lock{mutex_};
  std::vector<std::optional<ErrorRecord>> errors;
  errors.reserve(keys.size());
  for (const Key key : keys) {
    const auto found = instances_.find(key);
    errors.push_back(found == instances_.end() ? std::nullopt : found->second.error);
  }
  return errors;
}

std::vector<StepOutput> MemoryStore::outputs(const OutputRange& range) {
  const std::lock_guard lock{mutex_};
  std::vector<StepOutput> outputs;
  const auto found = instances_.find(range.key);
  if (found == instances_.end()) return outputs;
  const auto& steps = found->second.steps;
  std::size_t bytes = 0;
  for (auto step = steps.lower_bound(range.first); step != steps.end() && step->first <= range.last; ++step) {
    const std::string& output = step->second.row.output;
    if (output.empty()) continue;
    outputs.push_back({step->first, output});
    bytes += output.size();
    if (bytes >= range.bytes) break;
  }
  return outputs;
}

std::vector<bool> MemoryStore::taken(std::span<const WantedId> ids) {
  const std::lock_guard lock{mutex_};
  std::vector<bool> taken;
  taken.reserve(ids.size());
  for (const WantedId& wanted : ids)
    taken.push_back(ids_.contains({wanted.workflow, std::string{wanted.id}}));
  return taken;
}

}  // namespace cairn::memory
