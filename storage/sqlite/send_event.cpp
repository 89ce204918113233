#include "storage/rules.hpp"
#include "storage/sqlite/group.hpp"
#include "storage/sqlite/queries.hpp"
#include "storage/sqlite/reads.hpp"

#include <utility>

namespace cairn::sqlite {

Outcome carry_out(Group& group, const SendEvent& change) {
  LiveInstance* const instance = load_instance(group, change.key);
  if (instance == nullptr) return Sent{.refused = Errc::instance_not_found};
  InstanceRow row = instance->stored.row;
  Sent sent{.status = row.status, .run = row.run, .workflow = row.workflow};
  if (is_finished(row.status)) {
    sent.refused = Errc::cannot_send_event;
  } else if (static_cast<std::size_t>(instance->stored.buffered) >= change.buffered_max) {
    sent.refused = Errc::too_large;
  }
  if (sent.refused) return sent;

  sent.event = group.next_event++;
  group.connection.run(queries::add_event, sent.event, change.key, change.type, change.payload, group.now);
  sent.awaited = is_awaited(group.connection, change.key, change.type);
  if (sent.awaited) storage::wake_now(row, group.now);
  row.modified = group.now;
  save_instance(group, *instance, std::move(row), instance->stored.buffered + 1);
  return sent;
}

}  // namespace cairn::sqlite
