#include "tests/stress/meeting.hpp"

#include <array>
#include <utility>

namespace cairn::testing {

Movement Meeting::arrive() {
  std::unique_lock lock{mutex_};
  const std::uint64_t number = movement_.number;
  if (++arrived_ == callers_) {
    if (holds_ && !wish_) {
      held_ = true;
      changed_.notify_all();
    } else {
      begin_next();
    }
  }
  changed_.wait(lock, [&] { return movement_.number != number; });
  return movement_;
}

void Meeting::hold() {
  const std::lock_guard lock{mutex_};
  holds_ = true;
}

void Meeting::have_read(std::uint64_t life) {
  std::unique_lock lock{mutex_};
  wish_ = Move::read;
  life_ = life;
  changed_.wait(lock, [&] { return !wish_; });
}

void Meeting::have_and_hold(Move move) {
  std::unique_lock lock{mutex_};
  wish_ = move;
  holds_ = true;
  changed_.wait(lock, [&] { return held_; });
}

void Meeting::go_on(std::optional<Move> next) {
  const std::lock_guard lock{mutex_};
  holds_ = false;
  wish_ = next;
  if (std::exchange(held_, false)) begin_next();
}

// With the lock.
void Meeting::begin_next() {
  arrived_ = 0;
  ++movement_.number;
  movement_.move = wish_ ? *wish_ : by_chance();
  wish_.reset();
  movement_.calls = 1 + dice_.pick(24);
  movement_.life = life_;
  changed_.notify_all();
}

// What was done once is mostly done again, so that the same threads meet in the same way many times.
Move Meeting::by_chance() {
  static constexpr std::array<Move, 3> moves{Move::mixed, Move::in_step, Move::for_one};
  static constexpr std::array<std::size_t, 3> weights{30, 50, 20};
  static constexpr std::size_t most_times = 60;
  if (times_left_ == 0) {
    chosen_ = moves[dice_.weighted(weights)];
    times_left_ = 1 + dice_.pick(most_times);
  }
  --times_left_;
  return chosen_;
}

}  // namespace cairn::testing
