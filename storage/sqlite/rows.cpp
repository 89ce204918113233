#include "storage/sqlite/rows.hpp"

#include "storage/preconditions.hpp"
#include "storage/sqlite/queries.hpp"

namespace cairn::sqlite {

StoredInstance read_instance(const Use& query, View& view) {
  StoredInstance stored;
  InstanceRow& row = stored.row;
  std::int64_t epoch = 0;
  query.read(row.key, row.workflow, row.version, row.id, row.status, row.run, row.wake_at, row.created,
             row.modified, row.started, row.ended, row.expires, row.paused_at, row.paused_for,
             row.retention.success, row.retention.error, epoch, stored.buffered, stored.clock);
  row.status = effective_status(row.status, epoch, view.epoch());
  if (row.wake_at || row.paused_at || row.expires) storage::move(row, view.leaps().shift_of(stored.clock));
  return stored;
}

std::optional<StoredInstance> load_instance(Connection& connection, Key key, const Sight& sight) {
  Use query = connection.use(queries::instance, key);
  if (!query.step()) return std::nullopt;
  View view{connection, sight};
  return read_instance(query, view);
}

std::int64_t step_id(Key key, Sequence started_seq) {
  return key << 24 | started_seq;
}

std::pair<std::int64_t, std::int64_t> step_ids(Key key) {
  return {step_id(key, 0), step_id(key, storage::sequence_max)};
}

std::optional<ErrorRecord> to_error(std::optional<std::string>&& name, std::optional<std::string>&& message) {
  if (!name) return std::nullopt;
  return ErrorRecord{error_text(*std::move(name)), error_text(std::move(message).value_or(""))};
}

}  // namespace cairn::sqlite
