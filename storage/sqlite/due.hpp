#pragma once

#include "storage/sqlite/clocks.hpp"

#include <cairn/store.hpp>

#include <cstddef>
#include <map>
#include <vector>

// Searches by a time that moves with the clock. The indexes have what is stored; so each shift that there is
// has a search of its own, among moved bounds, and the answers are merged.
namespace cairn::sqlite {

[[nodiscard]] std::vector<DueRow> read_due(Connection& connection, const Sight& sight, const DueRow& after,
                                           Time until, std::size_t limit);

// How far what expires was searched for, for each shift, since the owner came or the clock was set: what was
// gone past has another shift, or was swept. Else each piece of a sweep would go past all rows again that the
// clock has moved ahead.
class ExpirySearch {
 public:
  // Something expires then, by the present clock.
  void note(Time expires);

  // As stored: behind it the search goes on.
  [[nodiscard]] DueRow reached(Duration shift) const;
  void reach(Duration shift, const DueRow& row) { reached_.insert_or_assign(shift, row); }

 private:
  std::map<Duration, DueRow> reached_;
};

// Instances that expire at `until` or before, earliest first. They are swept with what is written next, or
// `search` is forgotten.
struct Expired {
  std::vector<Key> keys = {};
  bool gave_up = false;  // it has gone past very many others: the next search goes on from there
};
[[nodiscard]] Expired read_expired(Connection& connection, const storage::Leaps& leaps, ExpirySearch& search,
                                   Time until, std::size_t limit);

}  // namespace cairn::sqlite
