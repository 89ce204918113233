#include "storage/preconditions.hpp"
#include "storage/rules.hpp"
#include "storage/sqlite/group.hpp"
#include "storage/sqlite/queries.hpp"

#include <utility>

namespace cairn::sqlite {
namespace {

struct StoredStep : storage::StepState {
  Time attempt_started = {};
};

// A number beyond the range would be that of another instance's step.
bool is_sequence(Sequence number) {
  return number >= 1 && number <= storage::sequence_max;
}

std::optional<StoredStep> load_step(Connection& connection, Key key, Sequence started_seq) {
  if (!is_sequence(started_seq)) return std::nullopt;
  Use query = connection.use(queries::step_state, step_id(key, started_seq));
  if (!query.step()) return std::nullopt;
  StoredStep step;
  query.read(step.kind, step.attempt, step.attempt_started, step.due, step.ended_seq);
  return step;
}

// Follows one Advance through its parts.
class Advancing {
 public:
  Advancing(Group& group, const Advance& change, LiveInstance& instance)
      : group_{group},
        change_{change},
        instance_{instance},
        row_{instance.stored.row},
        buffered_{instance.stored.buffered} {}

  Advanced run() {
    Advanced advanced;
    for (const StepResult& result : change_.results) {
      if (!record(result)) advanced.recorded = false;
    }
    if (storage::has_continuation(change_)) {
      const bool may = advanced.recorded || !storage::rests_on_results(change_);
      advanced.continued = may && go_on();
    }
    advanced.status = row_.status;
    save_instance(group_, instance_, std::move(row_), buffered_);
    return advanced;
  }

 private:
  bool record(const StepResult& result) {
    const bool open = is_sequence(result.started_seq) && !is_finished(row_.status);
    if (!open || !(result.ended_seq ? end_step(result) : leave_open(result))) {
      const auto step = load_step(group_.connection, change_.key, result.started_seq);
      return step && storage::recorded_already(*step, result);
    }
    storage::note_progress(row_, group_.now);
    return true;
  }

  // The step is not read before: the statements find it open and in that attempt, or change nothing.
  bool end_step(const StepResult& result) {
    const std::int64_t id = step_id(change_.key, result.started_seq);
    if (result.event) {
      if (group_.connection.run(queries::consume_event, *result.event, change_.key, id, result.attempt) == 0)
        return false;
      --buffered_;
    }
    if (!group_.clocks.leaps().empty()) fix_due(id, result.attempt);
    const std::string* output = result.error ? no_text : unless_empty(result.output);
    return group_.connection.run(queries::end_step, id, result.ended_seq, result.at, output,
                                 name_of(result.error), message_of(result.error), result.attempt,
                                 result.began) > 0;
  }

  // A step that has ended keeps the due time that it had then.
  void fix_due(std::int64_t id, std::int32_t attempt) {
    std::optional<Time> due;
    std::int64_t clock = 0;
    {
      Use query = group_.connection.use(queries::due_of_step, id, attempt);
      if (!query.step()) return;
      query.read(due, clock);
    }
    const storage::Shift shift = group_.clocks.leaps().shift_of(clock);
    if (shift == storage::Shift{}) return;
    group_.connection.run(queries::set_due, id, storage::moved_due(due, false, shift),
                          group_.clocks.number());
  }

  // Another attempt follows.
  bool leave_open(const StepResult& result) {
    const auto step = load_step(group_.connection, change_.key, result.started_seq);
    if (!step || !storage::fits(*step, result)) return false;
    const std::int64_t id = step_id(change_.key, result.started_seq);
    if (!result.withdrawn) {
      group_.connection.run(queries::add_failure, id, result.attempt,
                            result.began.value_or(step->attempt_started), result.at, name_of(result.error),
                            message_of(result.error), result.interrupted);
    }
    group_.connection.run(queries::await_attempt, id, result.retry_due,
                          result.withdrawn ? result.attempt - 1 : result.attempt, group_.clocks.number());
    return true;
  }

  bool attempts_follow() {
    for (const AttemptStart& attempt : change_.attempts) {
      const auto step = load_step(group_.connection, change_.key, attempt.started_seq);
      if (!step || !storage::follows(*step, attempt)) return false;
    }
    return true;
  }

  Sequence last_started() {
    if (!instance_.last_started) {
      const auto [first, last] = step_ids(change_.key);
      instance_.last_started = group_.connection.number(queries::last_step, first, last) &
                               storage::sequence_max;
    }
    return *instance_.last_started;
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
    if (change_.leave == Cause::wait && buffered_ > 0 && awaited_is_there())
      storage::wake_now(row_, group_.now);
    return true;
  }

  bool awaited_is_there() {
    const auto [first, last] = step_ids(change_.key);
    return group_.connection.use(queries::awaited_is_there, change_.key, first, last).step();
  }

  void add_step(const StepStart& start) {
    const std::int32_t attempt = start.kind == StepKind::step && start.due ? 0 : 1;
    group_.connection.run(queries::add_step, step_id(change_.key, start.started_seq), start.kind, start.name,
                          start.count, unless_empty(start.config), unless_empty(start.event_type), start.at,
                          start.due, start.due_fixed, attempt, group_.clocks.number());
    instance_.last_started = start.started_seq;
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
  LiveInstance& instance_;
  InstanceRow row_;
  std::int64_t buffered_;
};

}  // namespace

Outcome carry_out(Group& group, const Advance& change) {
  LiveInstance* const instance = load_instance(group, change.key);
  if (instance == nullptr) return Advanced{.recorded = false, .continued = false, .found = false};
  const InstanceRow& row = instance->stored.row;
  if (row.run != change.run) {
    return Advanced{.recorded = false, .continued = false, .found = false, .status = row.status};
  }
  const Advanced advanced = Advancing{group, change, *instance}.run();
  if (is_finished(advanced.status)) group.instances.forget(change.key);
  return advanced;
}

}  // namespace cairn::sqlite
