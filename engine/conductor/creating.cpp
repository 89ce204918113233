#include "engine/conductor/conductor.hpp"

#include <algorithm>
#include <utility>

// Where slots are free, instances begin in the group that creates them: their first steps are recorded with
// them. No code runs for one that will not be created, so the store is asked before which ids are taken, of
// those that somebody chose; who stands in the group already is known here. Instances that do no more than a
// handful are not bounded in number: their batch is.
namespace cairn::engine {

namespace {

// Ids that are asked about in one read, also where fewer slots are free: most instances wait soon, and give
// theirs back.
constexpr std::size_t ids_min = 64;

}  // namespace

CreateBatch& Conductor::batch_of_group(std::size_t change) {
  return std::get<CreateBatch>(group_.changes[change]);
}

bool Conductor::may_begin_created(const CreateBatch& batch) {
  if (!begun_ || halting_ || store_.rests() || !budget_.has_shares()) return false;
  const LaneId lane = scheduler_.lane_of(batch.workflow);
  return registry_.find(batch.version) != nullptr && scheduler_.lane(lane).idle() &&
         scheduler_.may_begin_at_once(lane);
}

// The rows stay where they are while the group grows. An id that is new meets no other.
void Conductor::note_ids_of_group() {
  for (; noted_ < group_.changes.size(); ++noted_) {
    const auto* batch = std::get_if<CreateBatch>(&group_.changes[noted_]);
    if (batch == nullptr) continue;
    auto& ids = ids_of_group_[batch->workflow];
    ids.reserve(ids.size() + batch->rows.size());
    for (const NewRow& row : batch->rows) {
      if (!row.id_is_new && !ids.insert(row.id).second) come_second_.insert(&row);
    }
  }
}

// Of the rows from there on as many as may begin; or of all, where one that is taken refuses the others.
void Conductor::ask_for_ids(std::size_t change, std::size_t first) {
  const CreateBatch& batch = batch_of_group(change);
  if (!may_begin_created(batch)) return;
  note_ids_of_group();
  std::size_t count = batch.rows.size() - first;
  if (batch.on_conflict == OnConflict::skip) {
    const std::size_t free = scheduler_.free_slots(scheduler_.lane_of(batch.workflow));
    count = std::min(count, std::max(free, ids_min));
  }
  ReadTaken read{.change = change, .first = first, .end = first + count};
  read.ids.reserve(count);
  for (std::size_t row = first; row < read.end; ++row) {
    if (!batch.rows[row].id_is_new) read.ids.push_back({batch.workflow, batch.rows[row].id});
  }
  reads_.push_back(std::move(read));
}

void Conductor::answer(const ReadTaken& read, const std::vector<bool>& taken, Time now) {
  std::vector<bool> is_new(read.end - read.first);
  auto answer = taken.begin();
  for (std::size_t row = read.first; row < read.end; ++row) {
    const NewRow& wanted = batch_of_group(read.change).rows[row];
    is_new[row - read.first] = wanted.id_is_new || (!*answer++ && !come_second_.contains(&wanted));
  }
  const bool all_or_none = batch_of_group(read.change).on_conflict == OnConflict::fail;
  if (all_or_none && std::ranges::find(is_new, false) != is_new.end()) return;
  std::size_t row = read.first;
  for (; row < read.end && may_begin_created(batch_of_group(read.change)); ++row) {
    if (is_new[row - read.first]) begin_created(read.change, row, now);
  }
  if (row == read.end && read.end < batch_of_group(read.change).rows.size())
    ask_for_ids(read.change, read.end);
}

void Conductor::begin_created(std::size_t change, std::size_t row, Time now) {
  CreateBatch& batch = batch_of_group(change);
  batch.begun = row + 1;
  History history;
  history.row = {.key = batch.first_key + static_cast<Key>(row),
                 .workflow = batch.workflow,
                 .version = batch.version,
                 .id = batch.rows[row].id,
                 .status = Status::running};
  history.row.created = now;
  history.params = batch.rows[row].params;
  // Nothing is recorded yet that could be damaged.
  Resident& resident = *admit(std::move(history), *registry_.find(batch.version));
  take_slot(resident);
  settle(resident, {}, now);  // the group grows
}

// Ids may come free between the read and the write, as by a sweep in the same group: who stands among those
// that have begun, and has not, begins now. The store knows better in the other direction as well.
void Conductor::committed(const CreateBatch& batch, const Created& created) {
  if (!begun_) return;
  const LaneId lane = scheduler_.lane_of(batch.workflow);
  auto conflict = created.conflicts.begin();
  for (std::size_t i = 0; i < batch.rows.size(); ++i) {
    const Key key = batch.first_key + static_cast<Key>(i);
    const bool taken = conflict != created.conflicts.end() && conflict->index == i;
    if (taken) ++conflict;
    if (i >= batch.begun) {
      if (!taken && !created.refused) scheduler_.push_created(lane, key);
      continue;
    }
    Resident* const resident = find(key);
    if (taken || created.refused) {
      if (resident != nullptr) discard_run(*resident);
    } else if (resident == nullptr) {
      enqueue(lane, key);
    }
  }
}

}  // namespace cairn::engine
