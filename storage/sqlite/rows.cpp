#include "storage/sqlite/rows.hpp"

#include "storage/preconditions.hpp"
#include "storage/sqlite/queries.hpp"

namespace cairn::sqlite {

StoredInstance read_instance(const Use& query, std::int64_t owner_epoch) {
  StoredInstance stored;
  InstanceRow& row = stored.row;
  std::int64_t epoch = 0;
  query.read(row.key, row.workflow, row.version, row.id, row.status, row.run, row.wake_at, row.created,
             row.modified, row.started, row.ended, row.expires, row.paused_at, row.paused_for,
             row.retention.success, row.retention.error, epoch, stored.buffered);
  row.status = effective_status(row.status, epoch, owner_epoch);
  return stored;
}

std::optional<StoredInstance> load_instance(Connection& connection, Key key, std::int64_t owner_epoch) {
  Use query = connection.use(queries::instance, key);
  if (!query.step()) return std::nullopt;
  return read_instance(query, owner_epoch);
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
