#include "engine/conductor/ended.hpp"
#include "engine/threads/step_pool.hpp"

#include <cairn/detail/body.hpp>
#include <cairn/detail/caught.hpp>
#include <cairn/detail/core.hpp>

#include <exception>
#include <functional>
#include <new>
#include <utility>

namespace cairn::detail {

namespace {

// The awaitable body that the calling thread works for. A plain one does not stand still by this wait: it may
// do something else meanwhile.
std::shared_ptr<BodyRun> awaitable_body() {
  BodyRun* const body = OnBehalfOf::current();
  return body == nullptr || engine::StepPool::here() ? nullptr : body->shared_from_this();
}

}  // namespace

EndedWait::EndedWait(Key key, EndedCallback callback, std::exception_ptr cancelled)
    : key_(key),
      callback_(std::move(callback)),
      cancelled_(std::move(cancelled)),
      body_(awaitable_body()),
      body_wait_(body_ == nullptr ? 0 : body_->next_wait()) {}

void EndedWait::lend() noexcept {
  try {
    if (body_ != nullptr) body_->lend(body_wait_);
  } catch (...) {
    // It keeps what it holds, as one that does not wait.
  }
}

void EndedWait::tell(std::exception_ptr error, Ended ended) {
  if (!told_.exchange(true)) finish(std::move(error), std::move(ended), false);
}

bool EndedWait::cancel() {
  if (told_.exchange(true)) return false;
  finish(cancelled_, {}, true);
  return true;
}

void EndedWait::finish(std::exception_ptr error, Ended ended, bool at_once) {
  if (body_ == nullptr) return callback_(std::move(error), std::move(ended));
  // Its engine's end is told to a body as to everybody else, and as the body's own.
  const bool asked = ends_with_engine || body_->context().stop_token().stop_requested();
  if (asked && engine::says(error, Errc::engine_stopped)) error = cancelled_;
  std::function<void()> granted;
  try {
    granted = [self = shared_from_this(), error, ended]() noexcept {
      // Such as a lack of memory for the way to the executor: the engine must not stop for it.
      contain([&] { self->callback_(error, ended); }, [] {});
    };
  } catch (const std::bad_alloc&) {
    return callback_(std::move(error), std::move(ended));
  }
  body_->take_back(body_wait_, at_once, std::move(granted));
}

}  // namespace cairn::detail
