#pragma once

#include "tests/simulation/dice.hpp"
#include "tests/stress/completions.hpp"
#include "tests/stress/life.hpp"
#include "tests/stress/witness.hpp"

#include <cairn/error.hpp>

#include <memory>
#include <optional>

namespace cairn::testing {

/// What a caller has at hand while it makes a call.
struct Turn {
  Witness& witness;
  Dice& dice;
  Completions& completions;
  std::shared_ptr<Life> life;
};

/// How an instance came to its end, as somebody was told: an output, or an error.
struct Ending {
  std::optional<int> output = std::nullopt;
  std::optional<InstanceError> error = std::nullopt;
};

/// Says what is wrong with that ending; empty: nothing. `terminated`: it may have been asked for.
[[nodiscard]] std::string judge(const Ending& ending, Kind kind, int n, bool terminated);

/// Calls `function`, which waits for an instance: gives how it ended, or nothing when the call was refused as
/// one of `allowed`, or since the engine ends; `refusal` says which.
template <class Function>
std::optional<Ending> ending_of(Turn& turn, Call call, std::initializer_list<Errc> allowed,
                                Function&& function, std::optional<Errc>* refusal = nullptr) {
  Ending ending;
  try {
    const auto refused = turn.witness.call(call, allowed, [&] { ending.output = function(); });
    if (refusal != nullptr) *refusal = refused;
    if (refused) return std::nullopt;
  } catch (const InstanceError& error) {
    ending.error = error;
  }
  return ending;
}

/// Asks to be told of the end, and judges it then. `may_pass`: it may be gone before that.
void watch(Turn& turn, const Instance<int>& instance, Kind kind, int n, bool may_pass);
/// Sends "go" without waiting; the answer is judged when it comes.
void post_go(Turn& turn, const Instance<int>& instance, int n, bool may_pass);
/// The same, and calls it off at once, by Asio's cancellation: it may have been done all the same.
void watch_and_cancel(Turn& turn, const Instance<int>& instance, Kind kind, int n, bool may_pass);
void post_go_and_cancel(Turn& turn, const Instance<int>& instance, int n, bool may_pass);

}  // namespace cairn::testing
