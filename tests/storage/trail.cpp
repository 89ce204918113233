#include "tests/storage/trail.hpp"

#include "storage/clocks.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <algorithm>
#include <sstream>
#include <variant>

namespace cairn::testing {

std::string way(const TrailEntry& entry) {
  std::ostringstream out;
  out << entry.number << ": ";
  if (entry.was) out << to_string(*entry.was) << " > ";
  out << to_string(entry.became) << ", run " << entry.run;
  return out.str();
}

namespace {

std::string all(const std::vector<TrailEntry>& trail) {
  std::ostringstream out;
  for (const TrailEntry& entry : trail) {
    out << way(entry) << ", epoch " << entry.epoch << ", group " << entry.commit_seq << ", at "
        << entry.time.time_since_epoch().count() << '\n';
  }
  return out.str();
}

}  // namespace

Trails read_trails(const std::filesystem::path& file) {
  // Without a log beside it, a file is read by who says that nothing will change.
  const bool has_log = std::filesystem::exists(file.string() + "-wal");
  const std::string name = "file:" + file.string() + (has_log ? "?mode=ro" : "?immutable=1");
  SQLite::Database database{name, SQLite::OPEN_READONLY | SQLite::OPEN_URI};
  return read_trails(database);
}

Trails read_trails(SQLite::Database& database) {
  SQLite::Statement rows{database,
                         "SELECT instance, number, run, was, became, epoch, commit_seq, time FROM transition "
                         "ORDER BY instance, number"};
  Trails trails;
  while (rows.executeStep()) {
    TrailEntry& entry = trails[rows.getColumn(0).getInt64()].emplace_back();
    entry.number = rows.getColumn(1).getInt64();
    entry.run = rows.getColumn(2).getInt();
    if (!rows.getColumn(3).isNull()) entry.was = static_cast<Status>(rows.getColumn(3).getInt());
    entry.became = static_cast<Status>(rows.getColumn(4).getInt());
    entry.epoch = rows.getColumn(5).getInt64();
    entry.commit_seq = rows.getColumn(6).getInt64();
    entry.time = Time{Duration{rows.getColumn(7).getInt64()}};
  }
  return trails;
}

void ExpectedTrails::follow(std::span<const Change> group, std::span<const Outcome> outcomes,
                            const Ownership& owner, Time now) {
  now_.epoch = owner.epoch;
  now_.commit_seq = owner.commit_seq;
  storage::GroupTime time{group, clock_, now};
  for (std::size_t index = 0; index < group.size(); ++index) {
    now_.time = time.now();
    time.pass(group[index]);
    const Outcome& outcome = outcomes[index];
    if (const auto* batch = std::get_if<CreateBatch>(&group[index])) {
      follow(*batch, std::get<Created>(outcome));
    } else if (const auto* control = std::get_if<Control>(&group[index])) {
      follow(*control, std::get<Controlled>(outcome));
    } else if (const auto* advance = std::get_if<Advance>(&group[index])) {
      follow(*advance, std::get<Advanced>(outcome));
    } else if (const auto* move = std::get_if<MoveClock>(&group[index])) {
      clock_ = std::max(clock_, move->clock);
    }
  }
}

std::string ExpectedTrails::difference(const Trails& found, const std::vector<InstanceRow>& rows) const {
  for (const InstanceRow& row : rows) {
    const std::vector<TrailEntry>& should = trails_.at(row.key);
    const auto is = found.find(row.key);
    if (is == found.end()) return "there is no trail of " + row.id;
    if (is->second != should)
      return "the trail of " + row.id + " should be\n" + all(should) + "and is\n" + all(is->second);
  }
  return found.size() == rows.size() ? "" : "there is a trail of what is gone";
}

void ExpectedTrails::follow(const CreateBatch& batch, const Created& created) {
  if (created.refused) return;
  for (std::size_t index = 0; index < batch.rows.size(); ++index) {
    if (std::ranges::find(created.conflicts, index, &Conflict::index) != created.conflicts.end()) continue;
    add(batch.first_key + static_cast<Key>(index), 1, index < batch.begun ? Status::running : Status::queued);
  }
}

void ExpectedTrails::follow(const Control& control, const Controlled& controlled) {
  if (controlled.changed) add(control.key, controlled.run, controlled.after);
}

void ExpectedTrails::follow(const Advance& advance, const Advanced& advanced) {
  if (!advanced.found) return;
  const TrailEntry& last = trails_.at(advance.key).back();
  if (effective_status(last.became, last.epoch, now_.epoch) != advanced.status)
    add(advance.key, advance.run, advanced.status);
}

void ExpectedTrails::add(Key key, std::int32_t run, Status became) {
  std::vector<TrailEntry>& trail = trails_[key];
  TrailEntry entry = now_;
  entry.number = static_cast<std::int64_t>(trail.size()) + 1;
  entry.run = run;
  if (!trail.empty()) entry.was = trail.back().became;
  entry.became = became;
  trail.push_back(entry);
}

}  // namespace cairn::testing
