#include "storage/sqlite/group.hpp"

#include "storage/sqlite/queries.hpp"

#include <tuple>
#include <utility>

namespace cairn::sqlite {
namespace {

// What a change of status can change; key, id, creation and retention stay as they are.
auto standing(const InstanceRow& row) {
  return std::tie(row.version, row.status, row.run, row.started, row.ended, row.expires, row.paused_at,
                  row.paused_for);
}

bool same_but_moved(const InstanceRow& before, const InstanceRow& after) {
  return before.run == after.run && before.wake_at == after.wake_at && before.ended == after.ended;
}

}  // namespace

LiveInstance* load_instance(Group& group, Key key) {
  if (LiveInstance* const found = group.instances.find(key)) return found;
  const Sight sight{group.epoch, group.clocks.moves_from(), &group.clocks.leaps()};
  auto stored = load_instance(group.connection, key, sight);
  return stored ? &group.instances.add(*std::move(stored)) : nullptr;
}

// An update writes the entries of an index anew when one of its columns is named, even if the value stays the
// same.
void save_instance(Group& group, LiveInstance& instance, InstanceRow after, std::int64_t buffered) {
  Connection& connection = group.connection;
  const InstanceRow& before = instance.stored.row;
  const bool stands = standing(before) == standing(after);
  const bool wakes_as_before = before.wake_at == after.wake_at;
  if (after.expires) group.expiry_search.note(*after.expires);
  std::int64_t clock = group.clocks.number();
  const bool stored_as_read = group.clocks.leaps().shift_of(instance.stored.clock) == storage::Shift{};
  if (stands && wakes_as_before) {
    if (before.modified == after.modified && instance.stored.buffered == buffered) return;
    connection.run(queries::touch_instance, after.key, after.modified, buffered);
    clock = instance.stored.clock;
  } else if (stands) {
    connection.run(queries::wake_instance, after.key, after.modified, buffered, after.wake_at, clock);
  } else if (same_but_moved(before, after) && stored_as_read) {
    connection.run(queries::move_instance, after.key, after.status, group.epoch, after.modified, buffered,
                   after.started, after.paused_at, after.paused_for, clock);
  } else {
    connection.run(queries::rewrite_instance, after.key, after.status, group.epoch, after.modified, buffered,
                   after.started, after.paused_at, after.paused_for, after.version, after.run, after.wake_at,
                   after.ended, after.expires, clock);
  }
  instance.stored = {std::move(after), buffered, clock};
}

Forgotten forget_runs(Connection& connection, KeyRange keys) {
  const std::int64_t first = step_ids(keys.first).first;
  const std::int64_t last = step_ids(keys.last).second;
  connection.run(queries::delete_failures, first, last);
  Forgotten forgotten;
  forgotten.steps = static_cast<std::size_t>(connection.run(queries::delete_steps, first, last));
  forgotten.events = static_cast<std::size_t>(connection.run(queries::delete_events, keys.first, keys.last));
  connection.run(queries::delete_output, keys.first, keys.last);
  return forgotten;
}

}  // namespace cairn::sqlite
