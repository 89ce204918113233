#include "engine/conductor/conductor.hpp"

#include <algorithm>

// Instances that are due and whose version nobody defines here: they are told while all slots are taken as
// well. Those that have not begun are found as the lanes are read (`ReadQueued`), up to the first page that
// has one to begin.
namespace cairn::engine {

namespace {

// Rows of one turn: each is a read of its own, and callers wait for the end of the turn.
constexpr std::size_t rows_together = 100;

}  // namespace

void Conductor::note_undefined(const InstanceRow& row) {
  if (std::optional<std::string> line = concerns_.note_undefined(row))
    log(LogLevel::warning, *std::move(line));
}

// Those that come later are defined here.
void Conductor::note_versions(const std::vector<VersionRow>& rows) {
  versions_.clear();
  for (const VersionRow& row : rows) versions_[row.workflow].push_back(row.version);
}

bool Conductor::may_be_undefined(std::int64_t workflow) const {
  const auto found = versions_.find(workflow);
  return found != versions_.end() && std::ranges::any_of(found->second, [&](std::int64_t version) {
           return registry_.find(version) == nullptr;
         });
}

// Where a slot is free, or is about to be, they have their turn at once.
std::optional<LaneId> Conductor::lane_that_wants_rows() const {
  if (!loading_.empty()) return std::nullopt;
  const auto found = std::ranges::find_if(scheduler_.unseen(), [&](LaneId lane) {
    return !scheduler_.has_free_slot(lane) && may_be_undefined(scheduler_.workflow_of(lane));
  });
  return found == scheduler_.unseen().end() ? std::nullopt : std::optional{*found};
}

// A few in a turn. The workflows that come later have theirs when these are done.
void Conductor::ask_for_rows() {
  if (rows_read_in_ == turn_) return;
  const std::optional<LaneId> lane = lane_that_wants_rows();
  if (!lane) return;
  rows_read_in_ = turn_;
  reads_.emplace_back(ReadRows{scheduler_.take_unseen(*lane, rows_together)});
}

// It stays in its lane, and is looked at again in its turn: it may be defined by then.
void Conductor::answer(const ReadRows& /*read*/, const InstanceRow& row) {
  const bool runnable = row.status == Status::queued || row.status == Status::waiting ||
                        row.status == Status::running;
  if (runnable && registry_.find(row.version) == nullptr) note_undefined(row);
}

}  // namespace cairn::engine
