#include "storage/rules.hpp"
#include "storage/sqlite/group.hpp"
#include "storage/sqlite/queries.hpp"
#include "storage/sqlite/reads.hpp"

#include <utility>

namespace cairn::sqlite {

Outcome carry_out(Group& group, const Control& change) {
  LiveInstance* const instance = load_instance(group, change.key);
  if (instance == nullptr) return Controlled{.refused = Errc::instance_not_found};
  InstanceRow row = instance->stored.row;
  if (change.if_parked && !(row.status == Status::paused && read_error(group.connection, row.key)))
    return storage::unchanged(row);
  const Controlled controlled = storage::control(row, change, group.now);
  if (!controlled.changed) return controlled;

  std::int64_t buffered = instance->stored.buffered;
  if (change.command == Command::restart) {
    forget_runs(group.connection, {change.key, change.key});
    instance->last_started = 0;
    buffered = 0;
  } else if (change.command == Command::resume) {
    // The error of a park says why the instance stood still, and it no longer does.
    group.connection.run(queries::delete_output, change.key, change.key);
  }
  save_instance(group, *instance, std::move(row), buffered);
  return controlled;
}

}  // namespace cairn::sqlite
