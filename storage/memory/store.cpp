#include "storage/memory/store.hpp"

#include "storage/preconditions.hpp"
#include "storage/rules.hpp"

#include <cairn/open.hpp>

#include <algorithm>

namespace cairn::memory {

std::vector<Outcome> MemoryStore::apply(std::span<const Change> group, Time now) {
  const std::lock_guard lock{mutex_};
  if (group.empty()) return {};
  storage::check_group(group, ownership_.next_key, workflow_of_version_);
  const Before before{ownership_, next_event_, workflows_.size(), versions_.size()};
  std::vector<Outcome> outcomes;
  try {
    outcomes = apply_all(group, now);
  } catch (...) {  // there is no memory
    take_back(before);
    throw;
  }
  undo_.forget();
  ++ownership_.commit_seq;
  last_time_ = now;
  return outcomes;
}

std::vector<Outcome> MemoryStore::apply_all(std::span<const Change> group, Time now) {
  std::vector<Outcome> outcomes;
  outcomes.reserve(group.size());
  storage::GroupTime time{group, clocks_.number(), now};
  for (const Change& any : group) {
    outcomes.push_back(std::visit([&](const auto& one) { return change(one, time.now()); }, any));
    time.pass(any);
  }
  return outcomes;
}

void MemoryStore::take_back(const Before& before) noexcept {
  undo_.take_back();
  ownership_ = before.ownership;
  next_event_ = before.next_event;
  while (workflows_.size() > before.workflows) workflows_.pop_back();
  while (versions_.size() > before.versions) versions_.pop_back();
  workflow_of_version_.erase(workflow_of_version_.upper_bound(static_cast<std::int64_t>(before.versions)),
                             workflow_of_version_.end());
}

Ownership MemoryStore::ownership() const {
  const std::lock_guard lock{mutex_};
  return ownership_;
}

void MemoryStore::begin_epoch() {
  const std::lock_guard lock{mutex_};
  const Before before{ownership_, next_event_, workflows_.size(), versions_.size()};
  try {
    ++ownership_.epoch;
    ownership_.last_time = last_time_;
    ownership_.clock_doubtful = clocks_.state().doubtful_since.has_value();
    ownership_.believed_until = clocks_.state().believed_until;
    storage::ClockState clocks = clocks_.state();
    ownership_.clock = ++clocks.number;
    keep_clocks(storage::Clocks{std::move(clocks)});
    for (auto& [key, instance] : instances_) {
      InstanceRow row = instance.row;
      row.status = next(row.status, Cause::recover).value_or(row.status);
      keep_as_written(instance, std::move(row), instance.clock);
    }
  } catch (...) {  // there is no memory
    take_back(before);
    throw;
  }
  undo_.forget();
}

// ---------------------------------------------------------------------------------------------------------
// intake

Outcome MemoryStore::change(const Define& define, Time now) {
  auto workflow = std::ranges::find(workflows_, define.name, &WorkflowRow::name);
  if (workflow == workflows_.end()) {
    const auto number = static_cast<std::int64_t>(workflows_.size()) + 1;
    workflows_.push_back({number, define.name, define.workflow_id, now});
    workflow = std::prev(workflows_.end());
  }
  auto version = std::ranges::find_if(versions_, [&](const VersionRow& row) {
    return row.workflow == workflow->workflow && row.tag == define.version;
  });
  if (version == versions_.end()) {
    const auto number = static_cast<std::int64_t>(versions_.size()) + 1;
    versions_.push_back({number, workflow->workflow, define.version, define.version_id, now});
    workflow_of_version_.emplace(number, workflow->workflow);
    version = std::prev(versions_.end());
  }
  return Defined{workflow->workflow, version->version, workflow->workflow_id, version->version_id};
}

std::vector<Conflict> MemoryStore::conflicts(const CreateBatch& batch) const {
  std::vector<Conflict> found;
  std::set<std::string_view> earlier;
  for (std::size_t index = 0; index < batch.rows.size(); ++index) {
    const std::string& id = batch.rows[index].id;
    if (ids_.contains({batch.workflow, id})) {
      found.push_back({index, Errc::instance_already_exists});
    } else if (!earlier.insert(id).second) {
      found.push_back({index, Errc::duplicate_in_batch});
    }
  }
  return found;
}

Outcome MemoryStore::change(const CreateBatch& batch, Time now) {
  Created created{.conflicts = conflicts(batch)};
  if (!created.conflicts.empty() && batch.on_conflict == OnConflict::fail) {
    created.refused = true;
    return created;
  }
  auto conflict = created.conflicts.begin();
  for (std::size_t index = 0; index < batch.rows.size(); ++index) {
    if (conflict != created.conflicts.end() && conflict->index == index) {
      ++conflict;
      continue;
    }
    const NewRow& wanted = batch.rows[index];
    const Key key = batch.first_key + static_cast<Key>(index);
    Instance instance{.clock = clocks_.number(), .params = wanted.params};
    instance.row = {.key = key,
                    .workflow = batch.workflow,
                    .version = batch.version,
                    .id = wanted.id,
                    .created = now,
                    .modified = now,
                    .retention = wanted.retention};
    if (index < batch.begun) {
      instance.row.status = Status::running;
      instance.row.started = now;
    }
    add(std::move(instance));
  }
  ownership_.next_key = batch.first_key + static_cast<Key>(batch.rows.size());
  return created;
}

Outcome MemoryStore::change(const SendEvent& send, Time now) {
  const auto found = instances_.find(send.key);
  if (found == instances_.end()) return Sent{.refused = Errc::instance_not_found};
  Instance& instance = found->second;
  Sent sent{.status = instance.row.status, .run = instance.row.run, .workflow = instance.row.workflow};
  if (is_finished(instance.row.status)) {
    sent.refused = Errc::cannot_send_event;
  } else if (instance.events.size() >= send.buffered_max) {
    sent.refused = Errc::too_large;
  }
  if (sent.refused) return sent;

  sent.event = next_event_++;
  add_event(instance, EventRow{sent.event, send.type, send.payload, now});
  sent.awaited = std::ranges::any_of(instance.steps, [&](const auto& entry) {
    const StepRow& step = entry.second.row;
    return step.kind == StepKind::wait_for_event && !step.ended_seq && step.event_type == send.type;
  });
  InstanceRow row = row_of(instance);
  row.modified = now;
  if (sent.awaited) storage::wake_now(row, now);
  keep(instance, std::move(row));
  return sent;
}

Outcome MemoryStore::change(const Control& control, Time now) {
  const auto found = instances_.find(control.key);
  if (found == instances_.end()) return Controlled{.refused = Errc::instance_not_found};
  Instance& instance = found->second;
  InstanceRow row = row_of(instance);
  if (control.if_parked && !(row.status == Status::paused && instance.error)) return storage::unchanged(row);
  const Controlled controlled = storage::control(row, control, now);
  if (!controlled.changed) return controlled;
  keep(instance, std::move(row));
  if (control.command != Command::restart && control.command != Command::resume) return controlled;
  save_end(instance);
  instance.error.reset();
  if (control.command == Command::restart) {
    instance.output.clear();
    clear_record(instance);
  }
  return controlled;
}

}  // namespace cairn::memory

std::unique_ptr<cairn::Store> cairn::open_memory() {
  return std::make_unique<memory::MemoryStore>();
}
