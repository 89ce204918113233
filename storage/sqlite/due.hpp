#pragma once

#include "storage/sqlite/clocks.hpp"

#include <cairn/store.hpp>

#include <cstddef>
#include <vector>

// Searches by a time that moves with the clock. The indexes have what is stored; so each shift that there is
// has a search of its own, among moved bounds, and the answers are merged.
namespace cairn::sqlite {

[[nodiscard]] std::vector<DueRow> read_due(Connection& connection, const Sight& sight, const DueRow& after,
                                           Time until, std::size_t limit);

// Instances that expire at `until` or before, earliest first.
[[nodiscard]] std::vector<Key> read_expired(Connection& connection, const storage::Leaps& leaps, Time until,
                                            std::size_t limit);

}  // namespace cairn::sqlite
