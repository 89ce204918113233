#include "storage/sqlite/due.hpp"

#include "storage/sqlite/queries.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

namespace cairn::sqlite {
namespace {

using storage::Leaps;
using storage::Shift;

// An entry of an index by a time.
struct Entry {
  DueRow row = {};  // its time as stored
  std::int64_t clock = 0;
};

// How to read from an index: what lies at the same time as `after` and behind its key, then what comes later,
// each a range of the index; the second one is enough where nothing lies behind a key.
struct Index {
  const char* at = nullptr;       // ?1 time, ?2 key behind which, ?3 how many
  const char* between = nullptr;  // ?1 time after which, ?2 last time, ?3 how many
  Duration Shift::*shift = nullptr;
};
constexpr Index by_wake{queries::due_at, queries::due_between, &Shift::wakes};
constexpr Index by_expiry{queries::expired_at, queries::expired_between, &Shift::ends};

std::vector<Entry> read(Connection& connection, const Index& index, const DueRow& after, Time until,
                        std::size_t limit) {
  std::vector<Entry> entries;
  const auto add = [&](Use&& query) {
    while (query.step()) {
      Entry& entry = entries.emplace_back();
      query.read(entry.row.wake_at, entry.row.key, entry.row.workflow, entry.clock);
    }
  };
  if (after.wake_at <= until) add(connection.use(index.at, after.wake_at, after.key, limit));
  if (entries.size() < limit)
    add(connection.use(index.between, after.wake_at, until, limit - entries.size()));
  return entries;
}

Duration opposite(Duration span) {
  return span == Duration::min() ? Duration::max() : -span;
}

// What has moved by one shift, in order. Entries of other shifts that lie among them are gone through as
// well, no further than the merge needs.
class Source {
 public:
  Source(Connection& connection, const Index& index, Duration shift, const DueRow& after, Time until,
         std::size_t piece)
      : connection_{&connection},
        index_{&index},
        shift_{shift},
        after_{after},
        until_{saturating_add(until, opposite(shift))},
        piece_{piece} {
    after_.wake_at = saturating_add(after.wake_at, opposite(shift));
    fill();
  }

  [[nodiscard]] bool is_at_end() const { return next_ == entries_.size(); }
  [[nodiscard]] Duration shift() const { return shift_; }
  [[nodiscard]] std::int64_t clock() const { return entries_[next_].clock; }
  // With its time as moved.
  [[nodiscard]] DueRow row() const {
    DueRow row = entries_[next_].row;
    row.wake_at = saturating_add(row.wake_at, shift_);
    return row;
  }
  void advance() {
    if (++next_ < entries_.size() || entries_.size() < piece_) return;
    after_ = entries_.back().row;
    fill();
  }

 private:
  void fill() {
    entries_ = read(*connection_, *index_, after_, until_, piece_);
    next_ = 0;
  }

  Connection* connection_;
  const Index* index_;
  Duration shift_;
  DueRow after_;  // as stored
  Time until_;    // as stored
  std::size_t piece_;
  std::vector<Entry> entries_;
  std::size_t next_ = 0;
};

bool is_before(const Source& one, const Source& other) {
  const DueRow left = one.row();
  const DueRow right = other.row();
  return std::tie(left.wake_at, left.key) < std::tie(right.wake_at, right.key);
}

std::vector<DueRow> merge(Connection& connection, const Index& index, const Leaps& leaps, const DueRow& after,
                          Time until, std::size_t limit) {
  const std::vector<Duration> shifts = leaps.shifts(index.shift);
  const std::size_t piece = std::clamp<std::size_t>(limit / shifts.size(), 16, 500);
  std::vector<Source> sources;
  sources.reserve(shifts.size());
  for (const Duration shift : shifts) sources.emplace_back(connection, index, shift, after, until, piece);
  std::vector<DueRow> rows;
  while (rows.size() < limit) {
    std::erase_if(sources, [](const Source& source) { return source.is_at_end(); });
    const auto first = std::ranges::min_element(sources, is_before);
    if (first == sources.end()) break;
    if (leaps.shift_of(first->clock()).*index.shift == first->shift()) rows.push_back(first->row());
    first->advance();
  }
  return rows;
}

}  // namespace

std::vector<DueRow> read_due(Connection& connection, const Sight& sight, const DueRow& after, Time until,
                             std::size_t limit) {
  if (limit == 0) return {};
  const Snapshot snapshot{connection};
  View view{connection, sight};
  if (!view.leaps().empty()) return merge(connection, by_wake, view.leaps(), after, until, limit);
  std::vector<DueRow> rows;
  for (const Entry& entry : read(connection, by_wake, after, until, limit)) rows.push_back(entry.row);
  return rows;
}

std::vector<Key> read_expired(Connection& connection, const Leaps& leaps, Time until, std::size_t limit) {
  std::vector<Key> keys;
  if (leaps.empty()) {
    Use query = connection.use(queries::expired, until, limit);
    while (query.step()) query.read(keys.emplace_back());
  } else if (limit > 0) {
    const DueRow begin{.wake_at = Time::min()};
    for (const DueRow& row : merge(connection, by_expiry, leaps, begin, until, limit))
      keys.push_back(row.key);
  }
  return keys;
}

}  // namespace cairn::sqlite
