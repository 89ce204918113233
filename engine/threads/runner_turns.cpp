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
constexpr std::size_t results_min = 64;   // that are heard together: changing roles costs little beside them
constexpr std::size_t results_max = 256;  // that are heard while a leader may wait for the conductor

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
    const bool later = inbox_.results() >= results_min && conductor_.prepared() >= results_min;
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
  if (inbox_.results() < results_min) return;
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
// brought, some at a time: so the next group is ready when this one is written, and two processors have
// work.
void Runner::listen(std::unique_lock<std::mutex>& lock) {
  try {
    while (storing_ && !listening_ && !broken_ && inbox_.results() >= results_min) hear(lock);
  } catch (const std::bad_alloc&) {
    // Nothing was taken: the leader hears them itself, in its next turn.
  }
}

void Runner::hear(std::unique_lock<std::mutex>& lock) {
  std::vector<BodyDone> results = inbox_.take_results(results_max);
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

// What came meanwhile is not looked at any more.
void Runner::turn_away(Actions& actions) noexcept {
  actions.unheard_meanwhile = inbox_.take_inputs();
}

void Runner::wake_everybody() noexcept {
  for (Signal& end : ends_) end.tell_all();
  rested_.tell_all();
}

}  // namespace cairn::engine
