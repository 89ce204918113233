#include "tests/simulation/turns_model.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace cairn::testing {

using engine::TurnNumber;
using engine::Turns;

namespace {

unsigned bit(std::size_t thread) {
  return 1U << thread;
}

}  // namespace

TurnsModel::TurnsModel(const Size& size)
    : callers_(size.callers),
      may_be_late_(size.late),
      has_keeper_(size.has_keeper),
      threads_(size.callers + 2) {
  for (std::size_t i = 0; i < callers_; ++i) threads_[i].left = size.calls;
  threads_[callers_].left = size.posts;
  if (size.posts == 0) threads_[callers_].at = At::ended;
  if (!has_keeper_) threads_.back().at = At::ended;
}

bool TurnsModel::is_awake(const Thread& thread) const {
  return thread.at != At::ended && (thread.at != At::waits || thread.told);
}

std::vector<TurnsModel> TurnsModel::next() const {
  std::vector<TurnsModel> after;
  for (std::size_t i = 0; i < threads_.size(); ++i) {
    if (is_awake(threads_[i])) step(i, after);
  }
  return after;
}

bool TurnsModel::has_ended() const {
  return !something_is_left() && taken_ == 0 &&
         std::all_of(threads_.begin(), threads_.end(), [&](const Thread& thread) {
           const bool keeper = &thread == &threads_.back();
           return thread.at == At::ended || (keeper && thread.at == At::waits);
         });
}

void TurnsModel::step(std::size_t index, std::vector<TurnsModel>& after) const {
  TurnsModel model = *this;
  Thread& thread = model.threads_[index];
  switch (thread.at) {
    case At::calls:
      if (is_keeper(index)) {
        model.look_around(thread);
      } else if (is_poster(index)) {
        model.brought_ |= bit(index);
        model.post(thread);
        return model.wake(model.turns_.bring(), after);
      } else {
        model.call(thread, index);
      }
      break;
    case At::waits:
      thread.told = false;
      if (is_keeper(index)) {
        thread.at = At::calls;
      } else {
        model.look(thread);
      }
      break;
    case At::begins:
      model.turns_.begin();
      model.taken_ = std::exchange(model.brought_, 0) | std::exchange(model.late_, 0);
      thread.at = At::ends;
      break;
    case At::ends: {
      thread.at = At::tells;
      TurnsModel late = model;
      model.write(false);
      thread.turn = model.turns_.end();
      if (may_be_late_ && taken_ != 0) {
        late.write(true);
        late.may_be_late_ = false;
        late.threads_[index].turn = late.turns_.end();
        after.push_back(std::move(late));
      }
      break;
    }
    case At::tells:
      model.tell_all(thread.turn);
      thread.at = At::leaves;
      break;
    case At::leaves:
      thread.at = At::looks_back;
      return model.wake(model.turns_.leave(model.something_is_left()), after);
    case At::looks_back:
      model.go_on(thread);
      break;
    case At::ended:
      break;
  }
  after.push_back(std::move(model));
}

void TurnsModel::call(Thread& thread, std::size_t index) {
  --thread.left;
  thread.answered = false;
  brought_ |= bit(index);
  const std::optional<TurnNumber> turn = turns_.join();
  thread.turn = turn.value_or(0);
  thread.at = turn ? At::waits : At::begins;
}

void TurnsModel::look(Thread& thread) {
  const Turns::Sight sight = turns_.look(thread.turn);
  if (sight == Turns::Sight::leads) thread.at = At::begins;
  if (sight == Turns::Sight::over) go_on(thread);
}

// Behind a turn: it has its answer, or waits for another one.
void TurnsModel::go_on(Thread& thread) {
  if (&thread == &threads_.back()) {
    thread.at = At::calls;
  } else if (!thread.answered) {
    const std::optional<TurnNumber> turn = turns_.join_next_end();
    thread.turn = turn.value_or(0);
    thread.at = turn ? At::waits : At::begins;
  } else if (!has_keeper_ && brought_ != 0 && turns_.try_lead()) {
    thread.at = At::begins;
  } else {
    thread.at = thread.left > 0 ? At::calls : At::ended;
  }
}

void TurnsModel::look_around(Thread& keeper) {
  keeper.at = !turns_.is_led() && something_is_left() && turns_.try_lead() ? At::begins : At::waits;
}

void TurnsModel::post(Thread& poster) {
  --poster.left;
  poster.at = At::looks_back;
}

void TurnsModel::write(bool late) {
  const unsigned written = std::exchange(taken_, 0);
  if (late) {
    late_ |= written;
    return;
  }
  for (std::size_t i = 0; i < callers_; ++i) {
    if ((written & bit(i)) != 0) threads_[i].answered = true;
  }
}

void TurnsModel::tell_all(TurnNumber turn) {
  for (std::size_t i = 0; i < callers_; ++i) {
    Thread& thread = threads_[i];
    if (thread.at == At::waits && thread.turn % signals == turn % signals) thread.told = true;
  }
}

// A signal to one wakes any of those that sleep there.
void TurnsModel::wake(Turns::Wake whom, std::vector<TurnsModel>& after) const {
  const std::size_t before = after.size();
  for (std::size_t i = 0; i < threads_.size(); ++i) {
    const Thread& thread = threads_[i];
    if (thread.at != At::waits || thread.told) continue;
    const bool called = whom == Turns::Wake::caller && is_caller(i) &&
                        thread.turn % signals == turns_.coming() % signals;
    if (!called && !(whom == Turns::Wake::keeper && is_keeper(i))) continue;
    after.push_back(*this);
    after.back().threads_[i].told = true;
  }
  if (after.size() == before) after.push_back(*this);
}

std::string TurnsModel::state() const {
  std::string text;
  const auto add = [&](auto number) { text += static_cast<char>(number); };  // none is above 127
  for (const Thread& thread : threads_) {
    add(static_cast<int>(thread.at));
    add(thread.left);
    add(thread.turn);
    add(int{thread.told});
    add(int{thread.answered});
  }
  add(brought_);
  add(taken_);
  add(late_);
  add(int{may_be_late_});
  add(turns_.coming());
  add(turns_.callers());
  add(int{turns_.is_led()} + 2 * int{turns_.is_left()} + 4 * int{turns_.is_over(turns_.coming() - 1)});
  return text;
}

}  // namespace cairn::testing
