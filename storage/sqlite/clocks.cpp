#include "storage/sqlite/clocks.hpp"

#include "storage/sqlite/group.hpp"
#include "storage/sqlite/queries.hpp"

#include <utility>
#include <vector>

namespace cairn::sqlite {

storage::Leaps read_leaps(Connection& connection) {
  std::vector<storage::Leap> leaps;
  Use query = connection.use(queries::leaps);
  while (query.step()) {
    storage::Leap& leap = leaps.emplace_back();
    query.read(leap.first, leap.last, leap.moved, leap.least);
  }
  return storage::Leaps{std::move(leaps)};
}

storage::ClockState read_clocks(Connection& connection) {
  storage::ClockState clocks;
  {
    Use query = connection.use(queries::clock_of_owner);
    std::optional<Time> believed_until;
    if (query.step()) query.read(clocks.number, clocks.doubtful_since, believed_until);
    clocks.believed_until = believed_until.value_or(Time{});
  }
  clocks.leaps = read_leaps(connection);
  return clocks;
}

void write_clocks(Connection& connection, const storage::ClockState& clocks) {
  std::optional<Time> believed_until;
  if (clocks.doubtful_since) believed_until = clocks.believed_until;
  connection.run(queries::set_clock, clocks.number, clocks.doubtful_since, believed_until);
  connection.run(queries::forget_leaps);
  for (const storage::Leap& leap : clocks.leaps.all())
    connection.run(queries::add_leap, leap.first, leap.last, leap.moved, leap.least);
}

Outcome carry_out(Group& group, const MoveClock& change) {
  group.clocks.move(change, group.last_time);
  group.instances.clear();  // their times have moved
  group.expiry_search = {};
  write_clocks(group.connection, group.clocks.state());
  return ClockMoved{};
}

}  // namespace cairn::sqlite
