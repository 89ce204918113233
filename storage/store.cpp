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

std::vector<std::optional<History>> Store::load(std::span<const Key> keys) {
  std::vector<std::optional<History>> histories;
  histories.reserve(keys.size());
  for (const Key key : keys) histories.push_back(history(key));
  return histories;
}

std::vector<std::optional<History>> Store::awaiting(std::span<const EventTarget> targets) {
  std::vector<std::optional<History>> histories;
  histories.reserve(targets.size());
  for (const EventTarget& target : targets) {
    auto& history = histories.emplace_back(this->history(target.key));
    if (!history) continue;
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
