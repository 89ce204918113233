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

// Of rows with another shift, in one piece of a sweep: it holds the writer for some milliseconds.
constexpr std::size_t passed_max = 2'000;

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

// Of a time as moved.
DueRow as_stored(DueRow row, Duration shift) {
  row.wake_at = saturating_add(row.wake_at, opposite(shift));
  return row;
}

// What has moved by one shift, in order. `after` is as stored. Entries of other shifts that lie among them
// are gone through as well, no further than the merge needs.
class Source {
 public:
  Source(Connection& connection, const Index& index, Duration shift, const DueRow& after, Time until,
         std::size_t piece)
      : connection_{&connection},
        index_{&index},
        shift_{shift},
        reached_{after},
        until_{saturating_add(until, opposite(shift))},
        piece_{piece} {
    fill();
  }

  [[nodiscard]] bool is_at_end() const { return next_ == entries_.size(); }
  [[nodiscard]] Duration shift() const { return shift_; }
  [[nodiscard]] std::int64_t clock() const { return entries_[next_].clock; }
  // As stored: all up to there was gone through.
  [[nodiscard]] const DueRow& reached() const { return reached_; }
  // With its time as moved.
  [[nodiscard]] DueRow row() const {
    DueRow row = entries_[next_].row;
    row.wake_at = saturating_add(row.wake_at, shift_);
    return row;
  }
  void advance() {
    reached_ = entries_[next_].row;
    if (++next_ == entries_.size() && entries_.size() == piece_) fill();
  }

 private:
  void fill() {
    entries_ = read(*connection_, *index_, reached_, until_, piece_);
    next_ = 0;
  }

  Connection* connection_;
  const Index* index_;
  Duration shift_;
  DueRow reached_;  // as stored
  Time until_;      // as stored
  std::size_t piece_;
  std::vector<Entry> entries_;
  std::size_t next_ = 0;
};

bool is_before(const Source& one, const Source& other) {
  const DueRow left = one.row();
  const DueRow right = other.row();
  return std::tie(left.wake_at, left.key) < std::tie(right.wake_at, right.key);
}

// Which has the next one of all; null: none.
Source* earliest(std::vector<Source>& sources) {
  Source* first = nullptr;
  for (Source& source : sources) {
    if (!source.is_at_end() && (first == nullptr || is_before(source, *first))) first = &source;
  }
  return first;
}

std::size_t piece_of(std::size_t limit, const std::vector<Duration>& shifts) {
  return std::clamp<std::size_t>(limit / shifts.size(), 16, 500);
}

std::vector<DueRow> merge(Connection& connection, const Leaps& leaps, const DueRow& after, Time until,
                          std::size_t limit) {
  const std::vector<Duration> shifts = leaps.shifts(by_wake.shift);
  std::vector<Source> sources;
  sources.reserve(shifts.size());
  for (const Duration shift : shifts)
    sources.emplace_back(connection, by_wake, shift, as_stored(after, shift), until, piece_of(limit, shifts));
  std::vector<DueRow> rows;
  for (Source* first = earliest(sources); first != nullptr && rows.size() < limit;
       first = earliest(sources)) {
    if (leaps.shift_of(first->clock()).wakes == first->shift()) rows.push_back(first->row());
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
  if (!view.leaps().empty()) return merge(connection, view.leaps(), after, until, limit);
  std::vector<DueRow> rows;
  for (const Entry& entry : read(connection, by_wake, after, until, limit)) rows.push_back(entry.row);
  return rows;
}

void ExpirySearch::note(Time expires) {
  const auto found = reached_.find(Duration{0});
  if (found != reached_.end() && found->second.wake_at >= expires) found->second = {.wake_at = expires};
}

DueRow ExpirySearch::reached(Duration shift) const {
  const auto found = reached_.find(shift);
  return found == reached_.end() ? DueRow{.wake_at = Time::min()} : found->second;
}

Expired read_expired(Connection& connection, const Leaps& leaps, ExpirySearch& search, Time until,
                     std::size_t limit) {
  Expired expired;
  if (leaps.empty()) {
    Use query = connection.use(queries::expired, until, limit);
    while (query.step()) query.read(expired.keys.emplace_back());
    return expired;
  }
  const std::vector<Duration> shifts = leaps.shifts(by_expiry.shift);
  std::vector<Source> sources;
  sources.reserve(shifts.size());
  for (const Duration shift : shifts)
    sources.emplace_back(connection, by_expiry, shift, search.reached(shift), until, piece_of(limit, shifts));
  std::size_t passed = 0;
  for (Source* first = earliest(sources); first != nullptr && expired.keys.size() < limit;
       first = earliest(sources)) {
    if (leaps.shift_of(first->clock()).ends == first->shift()) {
      expired.keys.push_back(first->row().key);
    } else if (++passed > passed_max) {
      expired.gave_up = true;
      break;
    }
    first->advance();
  }
  for (const Source& source : sources) search.reach(source.shift(), source.reached());
  return expired;
}

}  // namespace cairn::sqlite
