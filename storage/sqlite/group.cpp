#include "storage/sqlite/group.hpp"

#include "storage/sqlite/queries.hpp"

namespace cairn::sqlite {
namespace {

// An update writes the entries of an index anew when one of its columns is named, even if the value stays the
// same.
bool same_but_touched(const InstanceRow& before, InstanceRow after) {
  after.modified = before.modified;
  return before == after;
}

bool same_but_woken(const InstanceRow& before, InstanceRow after) {
  after.wake_at = before.wake_at;
  return same_but_touched(before, std::move(after));
}

bool same_but_moved(const InstanceRow& before, const InstanceRow& after) {
  return before.run == after.run && before.wake_at == after.wake_at && before.ended == after.ended;
}

}  // namespace

LiveInstance* load_instance(Group& group, Key key) {
  if (LiveInstance* const found = group.instances.find(key)) return found;
  auto stored = load_instance(group.connection, key, group.epoch);
  return stored ? &group.instances.add(*std::move(stored)) : nullptr;
}

void save_instance(Group& group, LiveInstance& instance, const InstanceRow& after, std::int64_t buffered) {
  Connection& connection = group.connection;
  const InstanceRow& before = instance.stored.row;
  if (before == after && instance.stored.buffered == buffered) return;
  if (same_but_touched(before, after)) {
    connection.run(queries::touch_instance, after.key, after.modified, buffered);
  } else if (same_but_woken(before, after)) {
    connection.run(queries::wake_instance, after.key, after.modified, buffered, after.wake_at);
  } else if (same_but_moved(before, after)) {
    connection.run(queries::move_instance, after.key, after.status, group.epoch, after.modified, buffered,
                   after.started, after.paused_at, after.paused_for);
  } else {
    connection.run(queries::rewrite_instance, after.key, after.status, group.epoch, after.modified, buffered,
                   after.started, after.paused_at, after.paused_for, after.version, after.run, after.wake_at,
                   after.ended, after.expires);
  }
  instance.stored = {after, buffered};
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
