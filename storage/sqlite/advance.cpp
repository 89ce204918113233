#include "storage/preconditions.hpp"
#include "storage/rules.hpp"
#include "storage/sqlite/group.hpp"
#include "storage/sqlite/queries.hpp"

namespace cairn::sqlite {
namespace {

// What decides whether a result or a further attempt fits a step.
struct StepState {
  StepKind kind = StepKind::step;
  std::string event_type;
  std::int32_t attempt = 0;
  Time attempt_started = {};
  std::optional<Time> due = std::nullopt;
  std::optional<Sequence> ended_seq = std::nullopt;

  [[nodiscard]] bool awaits_retry() const { return kind == StepKind::step && due.has_value(); }
};

std::optional<StepState> load_step(Connection& connection, Key key, Sequence started_seq) {
  // A number beyond the range would be that of another instance's step.
  if (started_seq < 1 || started_seq > storage::sequence_max) return std::nullopt;
  Use query = connection.use(queries::step_state, step_id(key, started_seq));
  if (!query.step()) return std::nullopt;
  StepState step;
  query.read(step.kind, step.event_type, step.attempt, step.attempt_started, step.due, step.ended_seq);
  return step;
}

bool recorded_already(const StepState& step, const StepResult& result) {
  if (result.ended_seq) return step.ended_seq == result.ended_seq && step.attempt == result.attempt;
  if (result.attempt < 1) return false;
  return result.attempt < step.attempt || (result.attempt == step.attempt && step.awaits_retry());
}

// Follows one Advance through its parts.
class Advancing {
 public:
  Advancing(Group& group, const Advance& change, const StoredInstance& stored)
      : group_{group}, change_{change}, stored_{stored}, row_{stored.row}, buffered_{stored.buffered} {}

  Advanced run() {
    Advanced advanced;
    for (const StepResult& result : change_.results) {
      if (!record(result)) advanced.recorded = false;
    }
    if (storage::has_continuation(change_)) advanced.continued = go_on();
    if (written_) save_instance(group_, stored_, row_, buffered_);
    advanced.status = row_.status;
    return advanced;
  }

 private:
  bool record(const StepResult& result) {
    const auto step = load_step(group_.connection, change_.key, result.started_seq);
    if (!step) return false;
    if (recorded_already(*step, result)) return true;
    const bool in_flight = !step->ended_seq && !step->awaits_retry() && step->attempt == result.attempt;
    if (!in_flight || is_finished(row_.status)) return false;
    if (!result.ended_seq && step->kind != StepKind::step) return false;
    if (result.event && !consume(*result.event, *step)) return false;
    result.ended_seq ? end_step(result) : await_retry(result, *step);
    row_.modified = group_.now;
    written_ = true;
    return true;
  }

  bool consume(std::int64_t event, const StepState& step) {
    if (step.kind != StepKind::wait_for_event) return false;
    if (!group_.connection.use(queries::event_fits, event, change_.key, step.event_type).step()) return false;
    group_.connection.run(queries::delete_event, event);
    --buffered_;
    return true;
  }

  void end_step(const StepResult& result) {
    const std::string* output = result.error ? no_text : unless_empty(result.output);
    group_.connection.run(queries::end_step, step_id(change_.key, result.started_seq), result.ended_seq,
                          result.at, output, name_of(result.error), message_of(result.error));
  }

  void await_retry(const StepResult& result, const StepState& step) {
    const std::int64_t id = step_id(change_.key, result.started_seq);
    group_.connection.run(queries::add_failure, id, result.attempt, step.attempt_started, result.at,
                          name_of(result.error), message_of(result.error), result.interrupted);
    group_.connection.run(queries::await_retry, id, result.retry_due);
  }

  bool attempts_follow() {
    for (const AttemptStart& attempt : change_.attempts) {
      const auto step = load_step(group_.connection, change_.key, attempt.started_seq);
      if (!step || step->ended_seq || !step->awaits_retry() || attempt.attempt != step->attempt + 1)
        return false;
    }
    return true;
  }

  Sequence last_started() {
    const auto [first, last] = step_ids(change_.key);
    return group_.connection.number(queries::last_step, first, last) & storage::sequence_max;
  }

  bool go_on() {
    auto after = storage::continuation(row_, change_, group_.now);
    if (!after) return false;
    if (!change_.starts.empty() && !storage::starts_follow(change_, last_started())) return false;
    if (!attempts_follow()) return false;

    for (const StepStart& start : change_.starts) add_step(start);
    for (const AttemptStart& attempt : change_.attempts) {
      group_.connection.run(queries::begin_attempt, step_id(change_.key, attempt.started_seq),
                            attempt.attempt, attempt.at);
    }
    put_output();
    row_ = std::move(*after);
    written_ = true;
    return true;
  }

  void add_step(const StepStart& start) {
    group_.connection.run(queries::add_step, step_id(change_.key, start.started_seq), start.kind, start.name,
                          start.count, unless_empty(start.config), unless_empty(start.event_type), start.at,
                          start.due, start.due_fixed);
  }

  void put_output() {
    if (change_.leave == Cause::complete) {
      group_.connection.run(queries::put_output, change_.key, unless_empty(change_.output), no_text, no_text);
    } else if (change_.leave == Cause::fail || change_.leave == Cause::park) {
      group_.connection.run(queries::put_output, change_.key, no_text, name_of(change_.error),
                            message_of(change_.error));
    }
  }

  Group& group_;
  const Advance& change_;
  const StoredInstance& stored_;
  InstanceRow row_;
  std::int64_t buffered_;
  bool written_ = false;
};

}  // namespace

Outcome carry_out(Group& group, const Advance& change) {
  const auto stored = load_instance(group.connection, change.key, group.epoch);
  if (!stored) return Advanced{.recorded = false, .continued = false, .found = false};
  if (stored->row.run != change.run) {
    return Advanced{.recorded = false, .continued = false, .found = false, .status = stored->row.status};
  }
  return Advancing{group, change, *stored}.run();
}

}  // namespace cairn::sqlite
