#pragma once

#include "storage/sqlite/clocks.hpp"
#include "storage/sqlite/connection.hpp"

#include <cairn/store.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

// The reads of a store on one connection, each from one snapshot. Statuses and times come out as they
// look to an owner.
namespace cairn::sqlite {

[[nodiscard]] std::vector<WorkflowRow> read_workflows(Connection& connection);
[[nodiscard]] std::vector<VersionRow> read_versions(Connection& connection, std::int64_t workflow);
[[nodiscard]] std::optional<InstanceRow> find_instance(Connection& connection, const Sight& sight,
                                                       std::int64_t workflow, const std::string& id);
[[nodiscard]] std::optional<InstanceRow> read_row(Connection& connection, const Sight& sight, Key key);
[[nodiscard]] std::optional<History> read_history(Connection& connection, const Sight& sight, Key key,
                                                  const HistoryOptions& options);
// Of each key, all from one snapshot; of the outputs of all their steps so many bytes.
[[nodiscard]] std::vector<std::optional<History>> read_histories(Connection& connection, const Sight& sight,
                                                                 std::span<const Key> keys,
                                                                 std::size_t output_bytes);
// What `Store::awaiting` asks for.
[[nodiscard]] std::vector<std::optional<History>> read_awaiting(Connection& connection, const Sight& sight,
                                                                std::span<const EventTarget> targets,
                                                                std::size_t output_bytes);
// What `Store::outputs` asks for.
[[nodiscard]] std::vector<StepOutput> read_outputs(Connection& connection, const OutputRange& range);
// What `Store::taken` asks for.
[[nodiscard]] std::vector<bool> read_taken(Connection& connection, std::span<const WantedId> ids);
// Whether a wait for an event of that type is open.
[[nodiscard]] bool is_awaited(Connection& connection, Key key, const std::string& type);
[[nodiscard]] std::vector<InstanceRow> list_instances(Connection& connection, const Sight& sight,
                                                      const ListQuery& query);
// What `StoreReader::errors` asks for.
[[nodiscard]] std::vector<std::optional<ErrorRecord>> read_errors(Connection& connection,
                                                                  std::span<const Key> keys);
// The same of one instance.
[[nodiscard]] std::optional<ErrorRecord> read_error(Connection& connection, Key key);
// What `StoreReader::queued` asks for.
[[nodiscard]] ListQuery queued_query(std::int64_t workflow, Key after, std::size_t limit);
// What `Store::due_at_once` asks for.
[[nodiscard]] std::vector<InstanceRow> read_due_rows(Connection& connection, const Sight& sight, Time until,
                                                     std::size_t limit);

}  // namespace cairn::sqlite
