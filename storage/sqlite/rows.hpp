#pragma once

#include "storage/sqlite/clocks.hpp"
#include "storage/sqlite/connection.hpp"

#include <cairn/store.hpp>

#include <optional>
#include <utility>

// Reading rows as values. Nothing here writes.
namespace cairn::sqlite {

// An instance's row with what only the store needs to know.
struct StoredInstance {
  InstanceRow row;  // with its effective status, and with its times as moved
  std::int64_t buffered = 0;
  std::int64_t clock = 0;  // by which the times were written
};

// Columns of `CAIRN_INSTANCE_COLUMNS` in queries.hpp.
inline constexpr int instance_columns = 19;

// From the current row of a query that begins with these columns.
[[nodiscard]] StoredInstance read_instance(const Use& query, View& view);

[[nodiscard]] std::optional<StoredInstance> load_instance(Connection& connection, Key key,
                                                          const Sight& sight);

// The number under which a step is stored, and those of the first and the last step that an instance can
// have.
[[nodiscard]] std::int64_t step_id(Key key, Sequence started_seq);
[[nodiscard]] std::pair<std::int64_t, std::int64_t> step_ids(Key key);

// An error from the two columns it is stored in. Earlier versions stored texts as they came.
[[nodiscard]] std::optional<ErrorRecord> to_error(std::optional<std::string>&& name,
                                                  std::optional<std::string>&& message);

}  // namespace cairn::sqlite
