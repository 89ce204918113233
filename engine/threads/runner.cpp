#include "engine/threads/runner.hpp"

#include "engine/instance/workflow_code.hpp"

#include <cairn/detail/caught.hpp>
#include <cairn/detail/write_log.hpp>

#include <algorithm>
#include <exception>
#include <new>
#include <span>
#include <utility>

namespace cairn::engine {

Runner::Runner(Store& store, Conductor& conductor, std::shared_ptr<GuardedClock> clock, LogSink log,
               std::size_t workers)
    : conductor_(conductor),
      committer_(store, conductor),
      clock_(std::move(clock)),
      log_(std::move(log)),
      pool_(workers),
      io_([this](const char* error) {
        this->log(LogLevel::error, "a handler on the loop of awaitable bodies threw: ", error);
      }),
      fault_error_(std::make_exception_ptr(fault_)),
      // The fault may have come before the commit or behind it.
      unknown_error_(std::make_exception_ptr(
          Error{Errc::outcome_unknown, "the engine has failed meanwhile; its log says why"})),
      clock_offset_(clock_->read().offset()) {}

Runner::~Runner() {
  join();
  door_->close();
}

void Runner::log(LogLevel level, std::string_view line) const noexcept {
  detail::write_log(log_, level, line);
}

void Runner::log(LogLevel level, const char* begin, const char* rest) const noexcept {
  std::string line;
  try {
    line.append(begin).append(rest);
  } catch (const std::bad_alloc&) {
    return log(level, rest);
  }
  log(level, line);
}

Runner::Condition Runner::condition() const {
  const std::lock_guard lock{mutex_};
  return condition_;
}

// ------------------------------------------------------------------------------------------------------------
// calls

Outcome Runner::call(Change change) {
  std::atomic<bool> done = false;
  std::optional<Outcome> outcome;
  std::exception_ptr failure;
  Reply reply;
  reply.done = [&](Change&&, const Outcome& answer) {
    outcome = answer;
    done = true;
  };
  reply.failed = [&](const Error& error) {
    failure = std::make_exception_ptr(error);
    done = true;
  };
  Input input = Intake{std::move(change), std::move(reply)};
  const bool taken = submit({&input, 1}, done);
  if (failure) std::rethrow_exception(failure);
  if (!outcome) std::rethrow_exception(taken ? unknown_error_ : fault_error_);
  return *std::move(outcome);
}

std::pair<CreateBatch, Created> Runner::call(CreateBatch batch) {
  std::atomic<bool> done = false;
  std::pair<CreateBatch, Created> answer;
  std::exception_ptr failure;
  Reply reply;
  reply.done = [&](Change&& change, const Outcome& outcome) {
    answer = {std::get<CreateBatch>(std::move(change)), std::get<Created>(outcome)};
    done = true;
  };
  reply.failed = [&](const Error& error) {
    failure = std::make_exception_ptr(error);
    done = true;
  };
  Input input = Intake{std::move(batch), std::move(reply)};
  const bool taken = submit({&input, 1}, done);
  if (failure) std::rethrow_exception(failure);
  if (!done) std::rethrow_exception(taken ? unknown_error_ : fault_error_);
  return answer;
}

std::vector<Outcome> Runner::call(std::vector<Change> changes) {
  if (changes.empty()) return {};
  std::atomic<bool> done = false;
  std::vector<Outcome> outcomes(changes.size());
  std::size_t owed = changes.size();  // replies: the conductor gives one after the other
  std::exception_ptr failure;
  std::vector<Input> inputs;
  inputs.reserve(changes.size());
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Reply reply;
    reply.done = [&, i](Change&&, const Outcome& answer) {
      outcomes[i] = answer;
      if (--owed == 0) done = true;
    };
    reply.failed = [&](const Error& error) {
      if (!failure) failure = std::make_exception_ptr(error);
      if (--owed == 0) done = true;
    };
    inputs.emplace_back(Intake{std::move(changes[i]), std::move(reply)});
  }
  const bool taken = submit(inputs, done);
  if (failure) std::rethrow_exception(failure);
  if (!done) std::rethrow_exception(taken ? unknown_error_ : fault_error_);
  return outcomes;
}

// Whoever takes one of them takes all.
bool Runner::submit(std::span<Input> inputs, const std::atomic<bool>& done) {
  std::unique_lock lock{mutex_};
  if (broken_) return false;
  inbox_.make_room(inputs.size());
  calls_ += inputs.size();
  for (Input& input : inputs) inbox_.put(std::move(input));
  std::optional<TurnNumber> turn = turns_.join();
  for (;;) {
    if (!turn || wait_for(lock, *turn)) lead(lock);
    if (done || broken_) break;
    // The answer comes behind its turn, if the store has found otherwise than the conductor had thought.
    turn = turns_.join_next_end();
  }
  keep_nothing_left(lock);
  return true;
}

// Until the turn is over, or this thread has the lead: true then.
bool Runner::wait_for(std::unique_lock<std::mutex>& lock, TurnNumber turn) {
  Turns::Sight sight = Turns::Sight::waits;
  ends_of(turn).wait(lock, [&] {
    sight = turns_.look(turn);
    return sight != Turns::Sight::waits || broken_;
  });
  return sight == Turns::Sight::leads;
}

// Before the start and after the end no thread looks after what nobody waits for: whoever brought it does.
void Runner::keep_nothing_left(std::unique_lock<std::mutex>& lock) {
  while (!has_keeper() && !broken_ && !inbox_.empty() && turns_.try_lead()) lead(lock);
}

// Whoever leads has led.
void Runner::leave() {
  wake(turns_.leave(work_is_left()));
  const bool sooner = (next_time_ && *next_time_ < keeper_until_) ||
                      (next_uptime_ && *next_uptime_ < keeper_until_uptime_) ||
                      (tidy_at_ && *tidy_at_ < keeper_until_uptime_);
  if (sooner) wake(Turns::Wake::keeper);
}

void Runner::wake(Turns::Wake whom) noexcept {
  if (whom == Turns::Wake::caller) ends_of(turns_.coming()).tell_one();
  if (whom == Turns::Wake::keeper) keeper_.tell_one();
  if (watching_ > 0) rested_.tell_all();
}

void Runner::post(Input input, bool may_lead) {
  std::unique_lock lock{mutex_};
  if (broken_) {
    if (watching_ > 0) rested_.tell_all();  // it may be the last body
    lock.unlock();
    if (const auto* watch = std::get_if<Watch>(&input)) tell(watch->callback, fault_error_, {});
    if (const auto* intake = std::get_if<Intake>(&input)) intake->reply.failed(fault_);
    return;
  }
  const bool begins = std::holds_alternative<Begin>(input);
  const bool returning = std::holds_alternative<BodyDone>(input);
  if (!returning && !std::holds_alternative<Halt>(input)) inbox_.make_room();
  if (std::holds_alternative<Intake>(input)) ++calls_;
  inbox_.put(std::move(input));
  if (returning && StepPool::here()) listen(lock);
  // A thread of the pool takes a turn at most, then goes back to its bodies; the others do not lead for a
  // call that does not wait. But what is asked for after a start finds the engine running.
  const bool leads = (StepPool::here() || begins || may_lead) && turns_.try_lead();
  if (leads) {
    lead(lock, returning ? Follow::returning : Follow::leader);
  } else {
    wake(turns_.bring());
  }
  keep_nothing_left(lock);
}

Metrics Runner::metrics() const {
  const std::lock_guard lock{mutex_};
  return {.bodies_running = body_counts_.running,
          .bodies_waiting = body_counts_.waiting + unplaced_,
          .missed_wakeups = missed_wakeups()};
}

bool Runner::runs(const detail::BodyRun& body) const {
  const auto* execution = dynamic_cast<const BodyExecution*>(&body);
  return execution != nullptr && &execution->host() == this;
}

std::vector<Sequence> Runner::waiting_for_worker(Key key) const {
  std::vector<Sequence> steps;
  for (const std::shared_ptr<StepPool::Job>& job : pool_.waiting()) {
    const auto* execution = dynamic_cast<const BodyExecution*>(job.get());
    if (execution != nullptr && execution->key() == key) steps.push_back(execution->started_seq());
  }
  return steps;
}

}  // namespace cairn::engine
