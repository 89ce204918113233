#include "engine/threads/runner.hpp"

#include <cairn/detail/caught.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <new>
#include <string_view>
#include <utility>

// One thread leads at a time: it takes what all have brought, has it written, and sees to what follows.
namespace cairn::engine {

namespace {

constexpr std::chrono::steady_clock::duration gathering_max = std::chrono::microseconds{200};
constexpr Duration tidying_pause = std::chrono::milliseconds{100};
constexpr Duration untidy_pause = std::chrono::minutes{1};  // before house-keeping that failed is tried again
constexpr std::size_t handful = 64;    // results: changing roles costs little beside them
constexpr std::size_t mouthful = 256;  // results that are heard while a leader may wait for the conductor

}  // namespace

// Those who have just been answered often ask again at once. Leading without them would keep them waiting for
// a whole flush, and take half as many along; so they get a moment, which is short beside a turn. Where there
// is other work for a turn, that goes first: they come while it is written.
void Runner::gather(std::unique_lock<std::mutex>& lock) {
  if (answered_ < 2 || more_) return;
  const auto until = std::chrono::steady_clock::now() + std::min(turn_took_ / 4, gathering_max);
  while (inbox_.size() < answered_ && std::chrono::steady_clock::now() < until) {
    lock.unlock();
    std::this_thread::yield();
    lock.lock();
  }
}

void Runner::lead(std::unique_lock<std::mutex>& lock, Follow follow) noexcept {
  if (broken_) return leave();
  if (is_keeper()) follow = Follow::messenger;
  gather(lock);
  const auto begin = std::chrono::steady_clock::now();
  const Demand demand = this->demand();
  turns_.begin();
  Committer::Turn turn = take_turn(lock);
  turn_took_ = std::chrono::steady_clock::now() - begin;
  more_ = turn.more;
  bodies_ = conductor_.bodies();
  unplaced_ = conductor_.unplaced();
  next_time_ = conductor_.next_time();
  next_uptime_ = conductor_.next_uptime();
  condition_.running = conductor_.running();
  note_outage();
  note_concerns();
  if (broken_) turn_away(turn.actions);
  if (watching_ > 0) rested_.tell_all();
  Signal& ended = ends_of(turns_.end());
  ended.note_telling();
  // Those who have their answer go. A checkpoint keeps the next turn waiting, but nobody's commit.
  lock.unlock();
  ended.tell_all();
  if (broken_) wake_everybody();
  begin_storing();
  const std::optional<Duration> tidy_at = maintain(demand, turn.actions);
  end_storing();
  lock.lock();
  tidy_at_ = tidy_at;
  leave();
  // What follows calls code of the host, which may block, or call the engine: others lead meanwhile.
  lock.unlock();
  if (follow == Follow::messenger) {
    hand_over(std::move(turn.actions));
  } else {
    perform(std::move(turn.actions), follow == Follow::returning);
  }
  lock.lock();
}

// Without the lock, but for the moments in which the roles change.
Committer::Turn Runner::take_turn(std::unique_lock<std::mutex>& lock) noexcept {
  std::vector<Input> inputs = inbox_.take_inputs();
  std::vector<BodyDone> results;
  bool has_room = true;
  try {
    inbox_.make_room();
    // With a group prepared, they are heard while it is written.
    const bool later = inbox_.results() >= handful && conductor_.prepared() >= handful;
    if (!later) results = inbox_.take_results(inbox_.results());
  } catch (const std::bad_alloc&) {
    has_room = false;
  }
  lock.unlock();
  const auto calls = std::count_if(inputs.begin(), inputs.end(),
                                   [](const Input& input) { return std::holds_alternative<Intake>(input); });
  const ClockReading reading = clock_->read();
  Time now = reading.now;
  Committer::Turn turn;
  bool has_group = false;
  attempt(turn.actions, [&] {
    if (!has_room) throw std::bad_alloc{};
    committer_.listen(std::move(results), reading);
    has_group = committer_.prepare(inputs, reading);
    now = conductor_.time_of_turn(reading);
  });
  if (has_group) {
    std::exception_ptr fault;
    begin_storing();
    try {
      committer_.write(now);
    } catch (...) {
      fault = std::current_exception();
    }
    end_storing();  // the conductor is given up only when nobody else has it
    if (fault) attempt(turn.actions, [&] { std::rethrow_exception(fault); });
  }
  if (!broken_) {
    attempt(turn.actions, [&] {
      committer_.report(now);
      expect(conductor_.actions());
      turn = committer_.finish();
    });
  }
  if (broken_) turn.actions.unheard = std::move(inputs);
  lock.lock();
  if (!reading.is_stale) clock_offset_ = reading.offset();
  answered_ = static_cast<std::size_t>(calls);
  return turn;
}

/// Has a thread of the pool hear results.
class Runner::Listening final : public StepPool::Job {
 public:
  explicit Listening(Runner& runner) : runner_(runner) {}
  void run() override {
    std::unique_lock lock{runner_.mutex_};
    runner_.listen(lock);
  }

 private:
  Runner& runner_;
};

void Runner::begin_storing() noexcept {
  const std::lock_guard lock{mutex_};
  storing_ = true;
  if (inbox_.results() < handful) return;
  try {
    pool_.submit({std::make_shared<Listening>(*this)}, false);
  } catch (const std::exception&) {
    // Without memory for a job the leader hears them itself, in its next turn.
  }
}

// Room for the results of bodies that are about to begin.
void Runner::expect(const Actions& actions) {
  if (actions.bodies.empty() && actions.called_off == 0) return;
  const std::lock_guard lock{mutex_};
  inbox_.expect(actions.bodies.size());
  inbox_.expect_no_more(actions.called_off);
}

void Runner::end_storing() {
  std::unique_lock lock{mutex_};
  storing_ = false;
  heard_.wait(lock, [this] { return !listening_; });
}

// While the leader is in the store, the conductor is free. A thread of the pool has it hear what bodies
// brought, a handful at a time: so the next group is ready when this one is written, and two processors have
// work.
void Runner::listen(std::unique_lock<std::mutex>& lock) {
  try {
    while (storing_ && !listening_ && !broken_ && inbox_.results() >= handful) hear(lock);
  } catch (const std::bad_alloc&) {
    // Nothing was taken: the leader hears them itself, in its next turn.
  }
}

void Runner::hear(std::unique_lock<std::mutex>& lock) {
  std::vector<BodyDone> results = inbox_.take_results(mouthful);
  listening_ = true;
  lock.unlock();
  Actions fault;
  attempt(fault, [&] { committer_.listen(std::move(results), clock_->read()); });
  lock.lock();
  more_ = true;
  bodies_ = conductor_.bodies();
  unplaced_ = conductor_.unplaced();
  listening_ = false;
  if (!storing_) heard_.tell_one();
  if (!broken_) return;
  turn_away(fault);
  wake_everybody();
  lock.unlock();
  perform(std::move(fault), false);
  lock.lock();
}

// A part of a turn, which must not end the thread. `actions` become those that follow a fault.
template <class Part>
void Runner::attempt(Actions& actions, Part part) noexcept {
  try {
    part();
  } catch (...) {
    actions = give_up(detail::what_of_current_exception().c_str());
  }
}

// The conductor's state cannot be trusted after a fault. The record can: the next start goes on from it.
// Those who wait for the end of an instance are told.
Actions Runner::give_up(const char* fault) noexcept {
  broken_ = true;
  complain(condition_.fault, Errc::internal, fault);
  Actions actions = conductor_.abandon();
  try {
    actions.log.push_back(
        {LogLevel::error, std::string{"a fault inside the engine; it runs nothing any more: "} + fault});
  } catch (const std::bad_alloc&) {
    return actions;  // its health says so
  }
  return actions;
}

namespace {

// Without memory for the words, the log has them.
void note(std::optional<Outage>& outage, Time since, Errc code, std::string_view message) noexcept {
  outage = Outage{since, code, {}};
  try {
    outage->message = message;
  } catch (const std::bad_alloc&) {
    return;
  }
}

}  // namespace

void Runner::complain(std::optional<Outage>& outage, Errc code, const char* message) noexcept {
  const std::lock_guard lock{mutex_};
  note(outage, outage ? outage->since : clock_->now(), code, message);
}

// With the lock.
void Runner::note_outage() noexcept {
  const std::optional<Outage>& outage = conductor_.outage();
  if (outage) {
    note(condition_.store, outage->since, outage->code, outage->message);
  } else {
    condition_.store.reset();
  }
}

// With the lock. Without memory for it they are told behind the next turn.
void Runner::note_concerns() noexcept {
  try {
    if (std::optional<std::vector<Complaint>> concerns = conductor_.take_complaints())
      condition_.concerns = *std::move(concerns);
  } catch (const std::bad_alloc&) {
    return;
  }
}

// What came meanwhile is not looked at any more.
void Runner::turn_away(Actions& actions) noexcept {
  actions.unheard_meanwhile = inbox_.take_inputs();
}

void Runner::wake_everybody() noexcept {
  for (Signal& end : ends_) end.tell_all();
  rested_.tell_all();
}

// Of the turn that is about to begin: quiet, when it is the timer thread that takes it, to tidy up.
Demand Runner::demand() const {
  const bool rested = tidy_at_ && *tidy_at_ <= clock_->uptime();
  return rested && inbox_.empty() && !more_ ? Demand::quiet : Demand::busy;
}

// When there is more to do, if there is; by uptime. What has failed is tried again when all is quiet, also
// where nobody calls for days; turns meanwhile do not put that off.
std::optional<Duration> Runner::maintain(Demand demand, Actions& actions) noexcept {
  std::optional<Duration> again;
  const auto tidy = [&] {
    const bool more = !broken_ && committer_.maintain(demand);
    if (untidy_log_.awaits_success()) note_tidy(actions);
    untidy_until_.reset();
    if (more) again = clock_->uptime() + (demand == Demand::quiet ? Duration{0} : tidying_pause);
  };
  detail::contain(tidy, [&] {
    note_untidy(detail::what_of_current_exception().c_str(), actions);
    if (!untidy_until_ || demand == Demand::quiet) untidy_until_ = clock_->uptime() + untidy_pause;
    again = untidy_until_;
  });
  return again;
}

// The log is the host's, and may call the engine: it is told when this thread leads no more.
void Runner::note_untidy(const char* reason, Actions& actions) noexcept {
  complain(condition_.house_keeping, Errc::store_failed, reason);
  try {
    if (std::optional<std::string> line = untidy_log_.failed(OutageLog::Call::write, reason,
                                                             clock_->uptime()))
      actions.log.push_back({LogLevel::warning, *std::move(line)});
  } catch (const std::bad_alloc&) {
    return;  // its health says so
  }
}

void Runner::note_tidy(Actions& actions) noexcept {
  {
    const std::lock_guard lock{mutex_};
    condition_.house_keeping.reset();
  }
  try {
    if (std::optional<std::string> line = untidy_log_.worked(OutageLog::Call::write, clock_->uptime()))
      actions.log.push_back({LogLevel::info, *std::move(line)});
  } catch (const std::bad_alloc&) {
    return;  // its health says so
  }
}

}  // namespace cairn::engine
