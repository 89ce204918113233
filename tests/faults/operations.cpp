#include "tests/faults/world.hpp"

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;

// A change of an instance that goes on.
Advance advance(Key key, std::optional<Cause> enter = std::nullopt,
                std::optional<Cause> leave = std::nullopt) {
  Advance change{.key = key};
  change.enter = enter;
  change.leave = leave;
  return change;
}

SendEvent event(Key key, const std::string& type) {
  return {.key = key, .type = type, .payload = R"({"by":"phone"})", .buffered_max = 3};
}

// ------------------------------------------------------------------------------------------------ creating

void define(World& w) {
  w.apply({w.definition("orders", "2"), w.definition("audits", "1")});
}

void create_one(World& w) {
  w.apply({w.batch(1)});
}

void create_many(World& w) {
  w.apply({w.batch(63, {.success = 1h})});  // blocks of 50, 10 and 1
}

void create_and_begin(World& w) {
  CreateBatch batch = w.batch(3);
  batch.begun = 2;
  std::vector<Change> group;
  for (Key key = batch.first_key; key < batch.first_key + 2; ++key) {
    Advance first = advance(key);
    first.starts.push_back(w.start(1));
    group.emplace_back(std::move(first));
  }
  group.insert(group.begin(), std::move(batch));
  w.apply(std::move(group));
}

void create_with_conflicts(World& w) {
  CreateBatch first = w.batch(2);
  CreateBatch second = w.batch(3);
  second.first_key = first.first_key + 2;
  second.rows[1].id = first.rows[0].id;
  CreateBatch third = second;
  third.first_key = second.first_key + 3;
  third.on_conflict = OnConflict::fail;
  w.apply({std::move(first), std::move(second), std::move(third)});
}

// --------------------------------------------------------------------------------------------------- steps

void run_to_the_end(World& w) {
  const Key key = w.running();
  Advance second = advance(key);
  second.results.push_back(w.result(1, 2));
  second.starts.push_back(w.start(3));
  w.apply({std::move(second)});
  Advance last = advance(key, {}, Cause::complete);
  last.results.push_back(w.result(3, 4));
  last.output = "3";
  w.apply({std::move(last)});
}

void fail(World& w) {
  Advance last = advance(w.running(), {}, Cause::fail);
  last.results.push_back(w.result(1, 2));
  last.error = ErrorRecord{"Error", "no luck"};
  w.apply({std::move(last)});
}

void park(World& w) {
  Advance parked = advance(w.running(), {}, Cause::park);
  parked.error = ErrorRecord{"NonDeterminism", "other code"};
  w.apply({std::move(parked)});
}

void side_by_side(World& w) {
  const Key key = w.running();
  Advance more = advance(key);
  for (const Sequence seq : {2, 3, 4}) more.starts.push_back(w.start(seq));
  w.apply({std::move(more)});
  Advance ended = advance(key);
  ended.results.push_back(w.result(3, 5));
  Advance again = advance(key);
  again.results.push_back(w.result(1, 6));
  w.apply({std::move(ended), std::move(again)});
}

void try_again(World& w) {
  const Key key = w.running();
  Advance failed = advance(key, {}, Cause::wait);
  failed.results.push_back(w.failure(1, 1));
  failed.wake_at = failed.results[0].retry_due;
  w.apply({std::move(failed)});
  w.pass(10s);
  Advance second = advance(key, Cause::wake);
  second.attempts.push_back({.started_seq = 1, .attempt = 2, .at = w.now()});
  w.apply({std::move(second)});
  Advance ended = advance(key, {}, Cause::complete);
  ended.results.push_back(w.result(1, 2, 2));
  ended.output = "null";
  w.apply({std::move(ended)});
}

void recover(World& w) {
  const Key key = w.running();
  w.reopen();
  Advance cut_off = advance(key, Cause::start);
  cut_off.results.push_back(w.failure(1, 1, true));
  cut_off.attempts.push_back({.started_seq = 1, .attempt = 2, .at = w.now()});
  w.apply({std::move(cut_off)});
}

void repeat_results(World& w) {
  const Key key = w.running();
  Advance ended = advance(key);
  ended.results.push_back(w.result(1, 2));
  w.apply({ended});
  w.apply({std::move(ended)});
}

// -------------------------------------------------------------------------------------------- sleeps, events

void sleep(World& w) {
  const Key key = w.sleeping();
  w.pass(1h);
  Advance due = advance(key, Cause::wake, Cause::complete);
  due.results.push_back(w.result(3, 4));
  due.results[0].output = "null";
  due.output = "null";
  w.apply({std::move(due)});
}

void wait_for_a_slot(World& w) {
  const Key key = w.sleeping();
  w.pass(1h);
  Advance queued = advance(key, {}, Cause::requeue);
  queued.wake_at = w.now();
  w.apply({std::move(queued)});
  w.apply({advance(key, Cause::start)});
}

void time_out(World& w) {
  const Key key = w.waiting("approval");
  w.pass(2h);
  Advance late = advance(key, Cause::wake);
  late.results.push_back(w.result(3, 4));
  late.results[0].output.clear();
  late.results[0].error = ErrorRecord{"WorkflowTimeoutError", "Execution timed out after 3600000ms"};
  late.starts.push_back(w.start(5));
  w.apply({std::move(late)});
}

void buffer_events(World& w) {
  const Key key = w.running();
  w.apply({event(key, "a"), event(key, "b"), event(key, "a"), event(key, "one too many")});
}

void deliver_an_event(World& w) {
  const Key key = w.waiting("approval");
  const auto other = w.apply_one<Sent>(event(key, "other"));
  const auto sent = w.apply_one<Sent>(event(key, "approval"));
  Advance taken = advance(key, Cause::wake);
  taken.results.push_back(w.result(3, 4));
  taken.results[0].event = sent.event;
  taken.starts.push_back(w.start(5));
  w.apply({std::move(taken)});
  static_cast<void>(other);
}

// ------------------------------------------------------------------------------------------------- requests

void pause_and_resume(World& w) {
  const Key idle = w.sleeping();
  w.control(idle, Command::pause);
  w.control(idle, Command::resume);
  const Key busy = w.running();
  w.control(busy, Command::pause, false);
  Advance last = advance(busy, {}, Cause::quiesce);
  last.results.push_back(w.result(1, 2));
  w.apply({std::move(last)});
  w.control(busy, Command::resume);
}

void resume_before_it_pauses(World& w) {
  const Key key = w.running();
  w.control(key, Command::pause, false);
  w.control(key, Command::resume);
}

void pause_and_crash(World& w) {
  const Key key = w.running();
  w.control(key, Command::pause, false);
  w.reopen();
  w.control(key, Command::resume);
}

void terminate(World& w) {
  const Key key = w.waiting("approval");
  w.apply({event(key, "other")});
  w.control(key, Command::terminate);
}

void restart(World& w) {
  const Key key = w.waiting("approval");
  w.apply({event(key, "other")});
  w.control(key, Command::restart);
  Advance again{.key = key, .run = 2};
  again.enter = Cause::start;
  again.starts.push_back(w.start(1));
  Advance late = advance(key);  // of the run before: refused
  late.results.push_back(w.result(3, 4));
  w.apply({std::move(again), std::move(late)});
}

// -----------------------------------------------------------------------------------------------
// house-keeping

void sweep(World& w) {
  run_to_the_end(w);
  terminate(w);
  w.apply({w.batch(5, {.success = 1min})});
  w.pass(10min);
  w.apply({Sweep{.limit = 1}});
  w.apply({Sweep{.limit = 100}});
}

void tidy_up(World& w) {
  create_many(w);
  w.tidy(Demand::busy);
  w.tidy(Demand::quiet);
}

void open_again(World& w) {
  create_one(w);
  w.reopen();
  create_one(w);
}

// Back, while nobody knows whether it is right, and forward by the next owner.
void set_the_clock(World& w) {
  const Key slept = w.sleeping();
  const Key paused = w.sleeping();
  w.control(w.running(), Command::terminate);
  w.apply({MoveClock{.by = -1h, .doubtful = true}, Control{.key = paused}});
  w.reopen();
  w.apply({event(slept, "other"), MoveClock{.by = 24h * 365},
           Control{.key = paused, .command = Command::resume}});
  w.apply({MoveClock{.by = -5min}, Sweep{.limit = 100}});
}

// In a file that has instances, one of them left running.
void keep_a_trail(World& w) {
  const Key older = w.running();
  const Key idle = w.sleeping();
  w.turn_on_audit_trail();
  Advance again = advance(older, Cause::start, Cause::fail);
  again.results.push_back(w.failure(1, 1, true));
  again.error = ErrorRecord{"Error", "no luck"};
  w.apply({std::move(again)});
  w.control(idle, Command::restart);
  create_with_conflicts(w);
  pause_and_crash(w);
  w.pass(10min);
  w.apply({Sweep{.limit = 100}});
}

void write_nothing(World& w) {
  // All of them are refused, and a group of refusals is a group.
  const Key key = w.running();
  w.control(key, Command::terminate);
  w.apply({event(key, "late"), Control{.key = key, .command = Command::resume}, advance(key, Cause::start),
           Control{.key = 400'000, .command = Command::pause}, event(400'000, "lost")});
}

}  // namespace

const std::vector<Operation>& operations() {
  static const std::vector<Operation> all{
      {"define", define},
      {"create_one", create_one},
      {"create_many", create_many},
      {"create_and_begin", create_and_begin},
      {"create_with_conflicts", create_with_conflicts},
      {"run_to_the_end", run_to_the_end},
      {"fail", fail},
      {"park", park},
      {"side_by_side", side_by_side},
      {"try_again", try_again},
      {"recover", recover},
      {"repeat_results", repeat_results},
      {"sleep", sleep},
      {"wait_for_a_slot", wait_for_a_slot},
      {"time_out", time_out},
      {"buffer_events", buffer_events},
      {"deliver_an_event", deliver_an_event},
      {"pause_and_resume", pause_and_resume},
      {"resume_before_it_pauses", resume_before_it_pauses},
      {"pause_and_crash", pause_and_crash},
      {"terminate", terminate},
      {"restart", restart},
      {"sweep", sweep},
      {"tidy_up", tidy_up},
      {"open_again", open_again},
      {"set_the_clock", set_the_clock},
      {"keep_a_trail", keep_a_trail},
      {"write_nothing", write_nothing},
  };
  return all;
}

std::vector<Operation> operations_and_the_file() {
  std::vector<Operation> all{{"make_the_file", define, true}};
  all.insert(all.end(), operations().begin(), operations().end());
  return all;
}

}  // namespace cairn::testing
