#pragma once

#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/due.hpp"
#include "storage/sqlite/rows.hpp"
#include "storage/sqlite/working_set.hpp"

#include <cairn/store.hpp>

namespace cairn::sqlite {

// What the changes of one group share while its transaction is open.
struct Group {
  Connection& connection;
  WorkingSet& instances;
  storage::Clocks& clocks;
  ExpirySearch& expiry_search;
  Time now = {};        // for the change that is carried out
  Time last_time = {};  // of the group before
  std::int64_t epoch = 0;
  Key next_key = 1;
  std::int64_t next_event = 1;
};

// One function per kind of change. Each decides before its first write, so that a refused change leaves no
// trace; a failure of SQLite comes out as an exception, after which the whole group is rolled back.
[[nodiscard]] Outcome carry_out(Group& group, const Define& change);
[[nodiscard]] Outcome carry_out(Group& group, const CreateBatch& change);
[[nodiscard]] Outcome carry_out(Group& group, const SendEvent& change);
[[nodiscard]] Outcome carry_out(Group& group, const Control& change);
[[nodiscard]] Outcome carry_out(Group& group, const Advance& change);
[[nodiscard]] Outcome carry_out(Group& group, const Sweep& change);
[[nodiscard]] Outcome carry_out(Group& group, const MoveClock& change);

// The instance, if there is one. Stays where it is until the next one is loaded.
[[nodiscard]] LiveInstance* load_instance(Group& group, Key key);

// Writes what differs between the instance and `after`, and touches no index that need not be.
void save_instance(Group& group, LiveInstance& instance, InstanceRow after, std::int64_t buffered);

// Forgets steps, events, output and error of the instances in that range of keys; how many steps and events
// there were.
struct KeyRange {
  Key first = 0;
  Key last = 0;
};
struct Forgotten {
  std::size_t steps = 0;
  std::size_t events = 0;
};
Forgotten forget_runs(Connection& connection, KeyRange keys);

}  // namespace cairn::sqlite
