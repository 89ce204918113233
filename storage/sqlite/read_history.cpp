#include "storage/history_parts.hpp"
#include "storage/preconditions.hpp"
#include "storage/sqlite/queries.hpp"
#include "storage/sqlite/reads.hpp"
#include "storage/sqlite/rows.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

// The record of an instance, as much of it as is asked for.
namespace cairn::sqlite {

namespace {

using storage::HistoryBudget;

void read_output(Connection& connection, History& history, HistoryBudget& budget) {
  Use query = connection.use(queries::output, history.row.key);
  if (!query.step()) return;
  std::optional<std::string> name;
  std::optional<std::string> message;
  query.read(history.output, name, message);
  history.error = to_error(std::move(name), std::move(message));
  budget.take(history.output.size());
  budget.take(history.error);
}

constexpr int step_columns = 16;  // `CAIRN_STEP_COLUMNS`

// The step of the current row, without its output.
StepRow& add_step(const Use& query, View& view, History& history) {
  StepRow& step = history.steps.emplace_back();
  std::optional<std::string> name;
  std::optional<std::string> message;
  std::int64_t clock = 0;
  query.read(step.started_seq, step.kind, step.name, step.count, step.config, step.event_type, step.started,
             step.attempt, step.attempt_started, step.due, step.due_fixed, step.ended_seq, step.ended, name,
             message, clock);
  step.error = to_error(std::move(name), std::move(message));
  if (!step.ended_seq && step.due && !step.due_fixed)
    storage::move(step, clock, view.leaps(), view.moves_from());
  return step;
}

// As long as outputs are wanted.
void read_whole(Use query, View& view, History& history, HistoryBudget& budget) {
  while (budget.wants_output() && query.step()) {
    StepRow& step = add_step(query, view, history);
    query.read_from(step_columns, step.output);
    budget.take(step);
  }
}

// The same. One character more than is wanted tells whether there are more.
void read_beginnings(Connection& connection, View& view, std::size_t characters, History& history,
                     HistoryBudget& budget) {
  const auto [first, last] = step_ids(history.row.key);
  Use query = connection.use(queries::steps_cut, first, last, characters + 1);
  while (budget.wants_output() && query.step()) {
    StepRow& step = add_step(query, view, history);
    query.read_from(step_columns, step.output);
    const std::string_view wanted = storage::first_characters(step.output, characters);
    step.cut = wanted.size() < step.output.size();
    step.output.resize(wanted.size());
    budget.take(step);
  }
}

// Those that are not there yet.
void read_without_outputs(Connection& connection, View& view, History& history, HistoryBudget& budget) {
  const Sequence there = history.steps.empty() ? 0 : history.steps.back().started_seq;
  const Key key = history.row.key;
  Use query = connection.use(queries::steps_without_outputs, step_id(key, there + 1), step_ids(key).second);
  while (query.step()) {
    StepRow& step = add_step(query, view, history);
    query.read_from(step_columns, step.cut);
    budget.take(step);
  }
}

void read_steps(Connection& connection, View& view, const HistoryOptions& options, History& history,
                HistoryBudget& budget) {
  constexpr std::size_t characters_max = std::size_t{1} << 30;  // no text of SQLite's is longer
  const auto [first, last] = step_ids(history.row.key);
  if (options.step) {
    const StepName& step = *options.step;
    read_whole(connection.use(queries::one_step, first, last, step.kind, step.name, step.count), view,
               history, budget);
  } else if (options.steps && options.output_characters >= characters_max) {
    read_whole(connection.use(queries::steps, first, last), view, history, budget);
  } else if (options.steps && options.output_characters > 0) {
    read_beginnings(connection, view, options.output_characters, history, budget);
  }
  const bool lacks_outputs = options.output_characters == 0 || !budget.wants_output();
  if (options.steps && !options.step && lacks_outputs)
    read_without_outputs(connection, view, history, budget);
  const bool all_are_there = options.steps && !options.step;
  history.step_count = all_are_there
                           ? history.steps.size()
                           : static_cast<std::size_t>(connection.number(queries::count_steps, first, last));
}

// Of the steps that have been read.
void read_failures(Connection& connection, History& history, HistoryBudget& budget) {
  const Key key = history.row.key;
  Use query = connection.use(queries::failures, step_id(key, history.steps.front().started_seq),
                             step_id(key, history.steps.back().started_seq));
  // Both are in the order of the steps.
  auto step = history.steps.begin();
  while (query.step()) {
    Sequence sequence = 0;
    Attempt attempt;
    std::optional<std::string> name;
    std::optional<std::string> message;
    query.read(sequence, attempt.started, attempt.ended, name, message, attempt.interrupted);
    attempt.error = to_error(std::move(name), std::move(message));
    budget.take(attempt);
    while (step != history.steps.end() && step->started_seq < sequence) ++step;
    if (step == history.steps.end()) return;
    step->crashes += attempt.interrupted ? 1 : 0;
    step->failures.push_back(std::move(attempt));
  }
}

void read_events(Connection& connection, History& history, HistoryBudget& budget) {
  Use query = connection.use(queries::events, history.row.key);
  while (query.step()) {
    EventRow& event = history.events.emplace_back();
    query.read(event.event, event.type, event.payload, event.received);
    budget.take(event);
  }
}

// An attempt that failed was followed by another one, or that is still to come.
bool may_have_failed(const StepRow& step) {
  return step.kind == StepKind::step && (step.attempt > 1 || step.due);
}

std::optional<History> read_one(Connection& connection, const Sight& sight, Key key,
                                const HistoryOptions& options) {
  History history;
  HistoryBudget budget{options};
  View view{connection, sight};
  {
    Use query = connection.use(options.step ? queries::instance : queries::instance_with_params, key);
    if (!query.step()) return std::nullopt;
    StoredInstance stored = read_instance(query, view);
    history.row = std::move(stored.row);
    history.event_count = static_cast<std::size_t>(stored.buffered);
    if (!options.step) query.read_from(instance_columns, history.params);
    budget.take(history.params.size());
  }
  // Most instances are read to go on, and have no output, no failures and no events: not asked for, they cost
  // nothing.
  const Status status = history.row.status;
  const bool may_have_output = is_finished(status) || status == Status::paused;
  if (may_have_output && !options.step) read_output(connection, history, budget);
  read_steps(connection, view, options, history, budget);
  if (std::any_of(history.steps.begin(), history.steps.end(), may_have_failed))
    read_failures(connection, history, budget);
  if (history.event_count > 0 && options.events && !options.step) read_events(connection, history, budget);
  return history;
}

// One of several that have so many bytes left for outputs together.
std::optional<History> read_part(Connection& connection, const Sight& sight, Key key,
                                 std::size_t& output_bytes) {
  std::optional<History> history = read_one(connection, sight, key, {.output_bytes = output_bytes});
  if (!history) return history;
  for (const StepRow& step : history->steps) output_bytes -= std::min(output_bytes, step.output.size());
  return history;
}

}  // namespace

std::optional<History> read_history(Connection& connection, const Sight& sight, Key key,
                                    const HistoryOptions& options) {
  const Snapshot snapshot{connection};
  return read_one(connection, sight, key, options);
}

std::vector<std::optional<History>> read_histories(Connection& connection, const Sight& sight,
                                                   std::span<const Key> keys, std::size_t output_bytes) {
  const Snapshot snapshot{connection};
  std::vector<std::optional<History>> histories;
  histories.reserve(keys.size());
  for (const Key key : keys) histories.push_back(read_part(connection, sight, key, output_bytes));
  return histories;
}

std::vector<StepOutput> read_outputs(Connection& connection, const OutputRange& range) {
  std::vector<StepOutput> outputs;
  std::size_t bytes = 0;
  Use query = connection.use(queries::outputs, step_id(range.key, range.first),
                             step_id(range.key, std::min(range.last, storage::sequence_max)));
  while (query.step()) {
    StepOutput& output = outputs.emplace_back();
    query.read(output.started_seq, output.output);
    bytes += output.output.size();
    if (bytes >= range.bytes) break;
  }
  return outputs;
}

bool is_awaited(Connection& connection, Key key, const std::string& type) {
  const auto [first, last] = step_ids(key);
  return connection.use(queries::awaited, type, first, last).step();
}

std::vector<std::optional<History>> read_awaiting(Connection& connection, const Sight& sight,
                                                  std::span<const EventTarget> targets,
                                                  std::size_t output_bytes) {
  const Snapshot snapshot{connection};
  std::vector<std::optional<History>> histories;
  histories.reserve(targets.size());
  for (const EventTarget& target : targets) {
    auto& history = histories.emplace_back();
    if (!is_awaited(connection, target.key, target.type)) continue;
    history = read_part(connection, sight, target.key, output_bytes);
    if (history && history->row.status != Status::waiting) history.reset();
  }
  return histories;
}

}  // namespace cairn::sqlite
