#pragma once

#include <cairn/change.hpp>
#include <cairn/error.hpp>

#include <functional>
#include <memory>

namespace cairn::engine {

/// Answers one intake change, at most once: with its outcome, or with the error that kept it from being
/// written. The change is given back: nobody else needs it any more. Destroyed unanswered, as after a fault
/// of the engine, it leaves unknown what became of the change; that is for whoever made it to say.
struct Reply {
  std::function<void(Change&&, const Outcome&)> done = {};
  std::function<void(const Error&)> failed = {};
  /// Destroyed when the turn that has answered is over (`Actions::answered`): for what calls code of the
  /// host, which may call the engine.
  std::shared_ptr<void> behind_turn = {};
};

}  // namespace cairn::engine
