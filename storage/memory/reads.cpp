#include "storage/memory/store.hpp"

#include <algorithm>
#include <iterator>

namespace cairn::memory {

std::vector<WorkflowRow> MemoryStore::workflows() const {
  const std::lock_guard lock{mutex_};
  return workflows_;
}

std::vector<VersionRow> MemoryStore::versions(std::int64_t workflow) const {
  const std::lock_guard lock{mutex_};
  std::vector<VersionRow> rows;
  std::ranges::copy_if(versions_, std::back_inserter(rows),
                       [&](const VersionRow& row) { return row.workflow == workflow; });
  return rows;
}

std::optional<InstanceRow> MemoryStore::find(std::int64_t workflow, const std::string& id) const {
  const std::lock_guard lock{mutex_};
  const auto found = ids_.find({workflow, id});
  if (found == ids_.end()) return std::nullopt;
  return row_of(instances_.at(found->second));
}

std::optional<InstanceRow> MemoryStore::row(Key key) const {
  const std::lock_guard lock{mutex_};
  const auto found = instances_.find(key);
  if (found == instances_.end()) return std::nullopt;
  return row_of(found->second);
}

std::vector<InstanceRow> MemoryStore::list(const ListQuery& query) const {
  const std::lock_guard lock{mutex_};
  std::vector<InstanceRow> rows;
  const auto take = [&](const auto& entry) {
    const InstanceRow& row = entry.second.row;
    if (query.workflow && row.workflow != *query.workflow) return;
    if (query.status && row.status != *query.status) return;
    if (query.created_from && row.created < *query.created_from) return;
    if (query.created_to && row.created > *query.created_to) return;
    rows.push_back(row_of(entry.second));
  };
  if (query.newest_first) {
    auto entry = std::make_reverse_iterator(query.after ? instances_.lower_bound(*query.after)
                                                        : instances_.end());
    for (; entry != instances_.rend() && rows.size() < query.limit; ++entry) take(*entry);
  } else {
    auto entry = query.after ? instances_.upper_bound(*query.after) : instances_.begin();
    for (; entry != instances_.end() && rows.size() < query.limit; ++entry) take(*entry);
  }
  return rows;
}

std::vector<InstanceRow> MemoryStore::queued(std::int64_t workflow, Key after, std::size_t limit) const {
  const std::lock_guard lock{mutex_};
  std::vector<InstanceRow> rows;
  auto entry = queued_.upper_bound({workflow, after});
  for (; entry != queued_.end() && entry->first == workflow && rows.size() < limit; ++entry) {
    rows.push_back(row_of(instances_.at(entry->second)));
  }
  return rows;
}

std::vector<DueRow> MemoryStore::due(const DueRow& after, Time until, std::size_t limit) const {
  const std::lock_guard lock{mutex_};
  std::vector<DueRow> rows;
  auto entry = due_.upper_bound({after.wake_at, after.key});
  for (; entry != due_.end() && entry->first <= until && rows.size() < limit; ++entry) {
    rows.push_back({entry->first, entry->second, instances_.at(entry->second).row.workflow});
  }
  return rows;
}

}  // namespace cairn::memory
