#include <cairn/store.hpp>

#include <algorithm>
#include <utility>

namespace cairn {

std::vector<std::optional<ErrorRecord>> StoreReader::errors(std::span<const Key> keys) const {
  std::vector<std::optional<ErrorRecord>> errors;
  errors.reserve(keys.size());
  for (const Key key : keys) {
    std::optional<History> found = history(key, {.steps = false, .events = false});
    errors.push_back(found ? std::move(found->error) : std::nullopt);
  }
  return errors;
}

namespace {

void take_outputs(const History& history, std::size_t& output_bytes) {
  for (const StepRow& step : history.steps) output_bytes -= std::min(output_bytes, step.output.size());
}

}  // namespace

std::vector<std::optional<History>> Store::load(std::span<const Key> keys, std::size_t output_bytes) {
  std::vector<std::optional<History>> histories;
  histories.reserve(keys.size());
  for (const Key key : keys) {
    const auto& found = histories.emplace_back(history(key, {.output_bytes = output_bytes}));
    if (found) take_outputs(*found, output_bytes);
  }
  return histories;
}

std::vector<StepOutput> Store::outputs(const OutputRange& range) {
  std::vector<StepOutput> outputs;
  std::optional<History> found = history(range.key);
  if (!found) return outputs;
  std::size_t bytes = 0;
  for (StepRow& step : found->steps) {
    const bool asked_for = step.started_seq >= range.first && step.started_seq <= range.last;
    if (!asked_for || step.output.empty()) continue;
    bytes += step.output.size();
    outputs.push_back({step.started_seq, std::move(step.output)});
    if (bytes >= range.bytes) break;
  }
  return outputs;
}

std::vector<std::optional<History>> Store::awaiting(std::span<const EventTarget> targets,
                                                    std::size_t output_bytes) {
  std::vector<std::optional<History>> histories;
  histories.reserve(targets.size());
  for (const EventTarget& target : targets) {
    auto& history = histories.emplace_back(this->history(target.key, {.output_bytes = output_bytes}));
    if (!history) continue;
    take_outputs(*history, output_bytes);
    const bool awaited = std::ranges::any_of(history->steps, [&](const StepRow& step) {
      return step.kind == StepKind::wait_for_event && !step.ended_seq && step.event_type == target.type;
    });
    if (!awaited || history->row.status != Status::waiting) history.reset();
  }
  return histories;
}

std::vector<bool> Store::taken(std::span<const WantedId> ids) {
  std::vector<bool> taken;
  taken.reserve(ids.size());
  for (const WantedId& wanted : ids)
    taken.push_back(find(wanted.workflow, std::string{wanted.id}).has_value());
  return taken;
}

std::optional<std::vector<InstanceRow>> Store::due_at_once(Time until, std::size_t limit) const {
  std::vector<InstanceRow> rows;
  for (const DueRow& due : this->due({}, until, limit)) {
    std::optional<InstanceRow> found = row(due.key);
    if (found && found->wake_at == due.wake_at) rows.push_back(*std::move(found));
  }
  return rows;
}

}  // namespace cairn
