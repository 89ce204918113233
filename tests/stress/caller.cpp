#include "tests/stress/caller.hpp"

#include "tests/stress/engine_calls.hpp"
#include "tests/stress/shared_calls.hpp"

#include <array>
#include <string>

namespace cairn::testing {

Caller::Caller(const Seat& seat, Slot& slot, Lives& lives, Meeting& meeting, Completions& completions)
    : seat_{seat},
      lives_{lives},
      meeting_{meeting},
      completions_{completions},
      witness_{slot, "thread " + std::to_string(seat.thread + 1)},
      dice_{seat.seed * 1'000 + seat.thread},
      own_{seat.thread} {}

void Caller::run() {
  for (;;) {
    const Movement movement = meeting_.arrive();
    if (movement.move == Move::leave) return;
    make(movement);
  }
}

Turn Caller::turn() {
  std::shared_ptr<Life> life = lives_.now();
  witness_.attend({life, &life->ends()});
  return {witness_, dice_, completions_, std::move(life)};
}

void Caller::make(const Movement& movement) {
  switch (movement.move) {
    case Move::mixed:
      for (std::size_t i = 0; i < movement.calls; ++i) act();
      return;
    case Move::in_step: {
      Turn now = turn();
      return own_.one_from_its_beginning_to_its_end(now, (movement.number + seat_.thread) % 2 == 0);
    }
    case Move::for_one:
      for (bool done = false; !done;) {
        Turn now = turn();
        done = wait_for_one(now, movement.number, seat_.thread, seat_.threads);
      }
      return;
    case Move::read: {
      Turn now = turn();
      if (now.life->number() == movement.life) read_until_the_end(now);
      return;
    }
    case Move::finish: {
      Turn now = turn();
      return own_.finish(now);
    }
    case Move::leave:
      return;
  }
}

void Caller::act() {
  static constexpr std::array<std::size_t, 3> weights{60, 25, 15};
  Turn now = turn();
  switch (dice_.weighted(weights)) {
    case 0:
      return own_.act(now);
    case 1:
      return act_on_shared(now);
    default:
      act_on_engine(now, seat_.thread);
  }
}

}  // namespace cairn::testing
