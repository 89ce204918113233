#include "storage/sqlite/reads.hpp"

#include "storage/history_parts.hpp"
#include "storage/preconditions.hpp"
#include "storage/sqlite/queries.hpp"
#include "storage/sqlite/rows.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace cairn::sqlite {

std::vector<WorkflowRow> read_workflows(Connection& connection) {
  std::vector<WorkflowRow> rows;
  Use query = connection.use(queries::workflows);
  while (query.step()) {
    WorkflowRow& row = rows.emplace_back();
    query.read(row.workflow, row.name, row.workflow_id, row.created);
  }
  return rows;
}

std::vector<VersionRow> read_versions(Connection& connection, std::int64_t workflow) {
  std::vector<VersionRow> rows;
  Use query = connection.use(queries::versions, workflow);
  while (query.step()) {
    VersionRow& row = rows.emplace_back();
    query.read(row.version, row.workflow, row.tag, row.version_id, row.created);
  }
  return rows;
}

std::optional<InstanceRow> find_instance(Connection& connection, const Sight& sight, std::int64_t workflow,
                                         const std::string& id) {
  Use query = connection.use(queries::instance_by_id, workflow, id);
  if (!query.step()) return std::nullopt;
  View view{connection, sight};
  return read_instance(query, view).row;
}

std::optional<ErrorRecord> read_error(Connection& connection, Key key) {
  Use query = connection.use(queries::error, key);
  if (!query.step()) return std::nullopt;
  std::optional<std::string> name;
  std::optional<std::string> message;
  query.read(name, message);
  return to_error(std::move(name), std::move(message));
}

std::vector<std::optional<ErrorRecord>> read_errors(Connection& connection, std::span<const Key> keys) {
  const Snapshot snapshot{connection};
  std::vector<std::optional<ErrorRecord>> errors;
  errors.reserve(keys.size());
  for (const Key key : keys) errors.push_back(read_error(connection, key));
  return errors;
}

namespace {

// Rows between two ids that are asked about, before the index is searched again: a search costs as much as
// some ten rows.
constexpr int passed_over_max = 4;

using IdAndWorkflow = std::pair<std::string_view, std::int64_t>;

// Marks those of the ids, which are in the order of the index, that the query meets: as many as one search of
// the index is good for, at least the first. How many it has told about.
std::size_t mark_taken(Use& query, std::span<const WantedId* const> ids, const WantedId* first,
                       std::vector<bool>& taken) {
  IdAndWorkflow found;
  bool is_there = false;
  const auto next_row = [&] {
    is_there = query.step();
    if (is_there) query.read(found.first, found.second);
  };
  next_row();
  for (std::size_t told = 0; told < ids.size(); ++told) {
    const IdAndWorkflow wanted{ids[told]->id, ids[told]->workflow};
    for (int passed = 0; is_there && found < wanted; ++passed) {
      if (passed == passed_over_max) return told;
      next_row();
    }
    taken[static_cast<std::size_t>(ids[told] - first)] = is_there && found == wanted;
  }
  return ids.size();
}

}  // namespace

// One search of the index tells about many ids, where they are neighbours in it: behind all others, as ids
// that rise with time, or as those of a batch that is sent again.
std::vector<bool> read_taken(Connection& connection, std::span<const WantedId> ids) {
  const auto of_index = [](const WantedId* wanted) { return IdAndWorkflow{wanted->id, wanted->workflow}; };
  std::vector<const WantedId*> in_order;
  in_order.reserve(ids.size());
  for (const WantedId& wanted : ids) in_order.push_back(&wanted);
  if (!std::ranges::is_sorted(in_order, {}, of_index)) std::ranges::sort(in_order, {}, of_index);
  const Snapshot snapshot{connection};
  std::vector<bool> taken(ids.size());
  std::string id;  // one for all
  for (std::span<const WantedId* const> rest{in_order}; !rest.empty();) {
    id = rest.front()->id;
    Use query = connection.use(queries::ids_from, id, rest.front()->workflow);
    rest = rest.subspan(mark_taken(query, rest, ids.data(), taken));
  }
  return taken;
}

std::optional<InstanceRow> read_row(Connection& connection, const Sight& sight, Key key) {
  auto stored = load_instance(connection, key, sight);
  if (!stored) return std::nullopt;
  return std::move(stored->row);
}

}  // namespace cairn::sqlite
