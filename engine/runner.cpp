#include "engine/runner.hpp"

#include "engine/workflow_code.hpp"

#include <exception>
#include <utility>

namespace cairn::engine {

namespace {

/// One execution of a body, as the body sees it.
class Execution final : public detail::BodyRun {
 public:
  Execution(RunBody run, IoRuntime& io, std::function<void(BodyDone)> done)
      : run_(std::move(run)),
        context_(run_.attempt, run_.step, run_.idempotency_key, run_.stop.get_token()),
        io_(io),
        done_(std::move(done)) {}

  StepContext& context() noexcept override { return context_; }
  void* io_context() override { return io_.context(); }
  void finish(detail::BodyResult result) override {
    done_({.key = run_.key,
           .residency = run_.residency,
           .started_seq = run_.started_seq,
           .result = std::move(result)});
  }

 private:
  RunBody run_;  // holds the body: an awaitable one is still on its own stack when its frame may go
  StepContext context_;
  IoRuntime& io_;
  std::function<void(BodyDone)> done_;
};

}  // namespace

Runner::Runner(Store& store, Conductor& conductor, std::shared_ptr<Clock> clock, LogSink log,
               std::size_t workers)
    : conductor_(conductor),
      committer_(store, conductor),
      clock_(std::move(clock)),
      log_(std::move(log)),
      pool_(workers),
      io_([this](const char* error) {
        this->log(LogLevel::error, std::string{"a handler on the loop of awaitable bodies threw: "} + error);
      }) {}

Runner::~Runner() {
  join();
}

void Runner::log(LogLevel level, const std::string& line) const noexcept {
  try {
    if (log_) log_(level, line);
  } catch (...) {
    // A sink that throws loses its line; the engine goes on.
  }
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
  submit(Intake{std::move(change), std::move(reply)}, done);
  if (failure) std::rethrow_exception(failure);
  if (!outcome) std::rethrow_exception(fault_error());
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
  submit(Intake{std::move(batch), std::move(reply)}, done);
  if (failure) std::rethrow_exception(failure);
  if (!done) std::rethrow_exception(fault_error());
  return answer;
}

std::exception_ptr Runner::fault_error() {
  return std::make_exception_ptr(Error{Errc::internal, "the engine has failed; its log says why"});
}

void Runner::submit(Input input, const std::atomic<bool>& done) {
  std::unique_lock lock{mutex_};
  if (broken_) return;
  ++calls_;
  inputs_.push_back(std::move(input));
  Round& round = rounds_[round_];
  while (!done && !broken_) {
    if (!leading_) {
      lead(lock);
      continue;
    }
    const int signals = round.signals();
    if (done) break;
    const bool next = &round == &rounds_[round_];
    if (next) ++waiting_;
    lock.unlock();
    round.wait(signals);
    if (done) return;  // who led looks after the rest
    lock.lock();
    if (next && &round == &rounds_[round_]) --waiting_;
  }
  hand_over(lock);
}

// Leaves nothing undone that nobody else would do: before the start and after the end no thread looks after
// what nobody waits for.
void Runner::hand_over(std::unique_lock<std::mutex>& lock) {
  while ((!started_ || ending_) && !leading_ && !broken_ && !inputs_.empty()) lead(lock);
  nudge_timer();
}

// Somebody must take the next turn, and look at the time. As long as callers wait, one of them does.
void Runner::nudge_timer() {
  if (leading_) return;
  if (waiting_ > 0) {
    rounds_[round_].wake_one();
    return;
  }
  if (watching_ > 0) {
    if (!inputs_.empty() || more_) turns_.notify_all();
    return;
  }
  const bool sooner = (next_time_ && *next_time_ < timer_until_) || (tidy_at_ && *tidy_at_ < timer_until_) ||
                      (next_period_ && timer_until_ == Time::max());
  if (!inputs_.empty() || more_ || sooner) timer_.notify_one();
}

void Runner::post(Input input, bool may_lead) {
  std::unique_lock lock{mutex_};
  if (broken_) {
    lock.unlock();
    if (const auto* watch = std::get_if<Watch>(&input)) watch->callback(fault_error(), {});
    return;
  }
  const bool begins = std::holds_alternative<Begin>(input);
  const bool returning = std::holds_alternative<BodyDone>(input);
  inputs_.push_back(std::move(input));
  if (returning) ++results_;
  if (returning && StepPool::here()) listen(lock);
  // A thread of the pool takes a turn at most, then goes back to its bodies; the others do not lead for a
  // call that does not wait. But what is asked for after a start finds the engine running.
  if (!leading_ && (StepPool::here() || begins || may_lead)) lead(lock, returning);
  hand_over(lock);
}

void Runner::perform(Actions actions, bool returning) noexcept {
  for (const LogLine& line : actions.log) log(line.level, line.text);
  // What the host does below may keep this thread.
  returning = returning && actions.stops.empty() && actions.notifications.empty();
  run_bodies(std::move(actions.bodies), returning);
  for (std::stop_source& stop : actions.stops) stop.request_stop();
  for (Notify& notify : actions.notifications) {
    try {
      notify.callback(notify.error, std::move(notify.ended));
    } catch (...) {
      log(LogLevel::error, "a completion handler threw; it was ignored");
    }
  }
}

void Runner::run_bodies(std::vector<RunBody> bodies, bool returning) {
  if (bodies.empty()) return;
  std::vector<StepPool::Job> jobs;
  jobs.reserve(bodies.size());
  for (RunBody& body : bodies) {
    jobs.emplace_back([this, body = std::move(body)]() mutable {
      const std::shared_ptr<detail::Body> runs = body.body;
      runs->start(std::make_shared<Execution>(std::move(body), io_,
                                              [this](BodyDone done) { post(std::move(done)); }));
    });
  }
  pool_.submit(std::move(jobs), returning);
}

}  // namespace cairn::engine
