#include "storage/sqlite/reads.hpp"

#include "storage/sqlite/queries.hpp"
#include "storage/sqlite/rows.hpp"

#include <algorithm>

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

std::optional<InstanceRow> find_instance(Connection& connection, std::int64_t epoch, std::int64_t workflow,
                                         const std::string& id) {
  Use query = connection.use(queries::instance_by_id, workflow, id);
  if (!query.step()) return std::nullopt;
  return read_instance(query, epoch).row;
}

std::optional<InstanceRow> read_row(Connection& connection, std::int64_t epoch, Key key) {
  auto stored = load_instance(connection, key, epoch);
  if (!stored) return std::nullopt;
  return std::move(stored->row);
}

// ---------------------------------------------------------------------------------------------------------
// history

namespace {

void read_output(Connection& connection, History& history) {
  Use query = connection.use(queries::output, history.row.key);
  if (!query.step()) return;
  std::optional<std::string> name;
  std::optional<std::string> message;
  query.read(history.output, name, message);
  history.error = to_error(std::move(name), std::move(message));
}

void read_steps(Connection& connection, History& history) {
  const auto [first, last] = step_ids(history.row.key);
  Use query = connection.use(queries::steps, first, last);
  while (query.step()) {
    StepRow& step = history.steps.emplace_back();
    std::optional<std::string> name;
    std::optional<std::string> message;
    query.read(step.started_seq, step.kind, step.name, step.count, step.config, step.event_type, step.started,
               step.attempt, step.attempt_started, step.due, step.due_fixed, step.ended_seq, step.ended,
               step.output, name, message);
    step.error = to_error(std::move(name), std::move(message));
  }
}

void read_failures(Connection& connection, History& history) {
  const auto [first, last] = step_ids(history.row.key);
  Use query = connection.use(queries::failures, first, last);
  // Both are in the order of the steps.
  auto step = history.steps.begin();
  while (query.step()) {
    Sequence sequence = 0;
    Attempt attempt;
    std::optional<std::string> name;
    std::optional<std::string> message;
    query.read(sequence, attempt.started, attempt.ended, name, message, attempt.interrupted);
    attempt.error = to_error(std::move(name), std::move(message));
    while (step != history.steps.end() && step->started_seq < sequence) ++step;
    if (step == history.steps.end()) return;
    step->crashes += attempt.interrupted ? 1 : 0;
    step->failures.push_back(std::move(attempt));
  }
}

void read_events(Connection& connection, History& history) {
  Use query = connection.use(queries::events, history.row.key);
  while (query.step()) {
    EventRow& event = history.events.emplace_back();
    query.read(event.event, event.type, event.payload, event.received);
  }
}

// An attempt that failed was followed by another one, or that is still to come.
bool may_have_failed(const StepRow& step) {
  return step.kind == StepKind::step && (step.attempt > 1 || step.due);
}

std::optional<History> read_one(Connection& connection, std::int64_t epoch, Key key) {
  History history;
  std::int64_t buffered = 0;
  {
    Use query = connection.use(queries::instance_with_params, key);
    if (!query.step()) return std::nullopt;
    StoredInstance stored = read_instance(query, epoch);
    history.row = std::move(stored.row);
    buffered = stored.buffered;
    query.read_from(instance_columns, history.params);
  }
  // Most instances are read to go on, and have no output, no failures and no events: not asked for, they cost
  // nothing.
  const Status status = history.row.status;
  if (is_finished(status) || status == Status::paused) read_output(connection, history);
  read_steps(connection, history);
  if (std::any_of(history.steps.begin(), history.steps.end(), may_have_failed))
    read_failures(connection, history);
  if (buffered > 0) read_events(connection, history);
  return history;
}

}  // namespace

std::optional<History> read_history(Connection& connection, std::int64_t epoch, Key key) {
  const Snapshot snapshot{connection};
  return read_one(connection, epoch, key);
}

std::vector<std::optional<History>> read_histories(Connection& connection, std::int64_t epoch,
                                                   std::span<const Key> keys) {
  const Snapshot snapshot{connection};
  std::vector<std::optional<History>> histories;
  histories.reserve(keys.size());
  for (const Key key : keys) histories.push_back(read_one(connection, epoch, key));
  return histories;
}

bool is_awaited(Connection& connection, Key key, const std::string& type) {
  const auto [first, last] = step_ids(key);
  return connection.use(queries::awaited, type, first, last).step();
}

std::vector<std::optional<History>> read_awaiting(Connection& connection, std::int64_t epoch,
                                                  std::span<const EventTarget> targets) {
  const Snapshot snapshot{connection};
  std::vector<std::optional<History>> histories;
  histories.reserve(targets.size());
  for (const EventTarget& target : targets) {
    auto& history = histories.emplace_back();
    if (!is_awaited(connection, target.key, target.type)) continue;
    history = read_one(connection, epoch, target.key);
    if (history && history->row.status != Status::waiting) history.reset();
  }
  return histories;
}

}  // namespace cairn::sqlite
