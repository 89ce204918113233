#include "engine/conductor/ended.hpp"
#include "engine/implementation.hpp"
#include "engine/threads/waiting.hpp"

#include <cairn/detail/caught.hpp>

#include <exception>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>

// Waiting for the end of an instance: by a thread, by a body that lends what it holds, or by nobody who
// stands still.
namespace cairn {

namespace {

using engine::Waiting;

/// Tells whoever waits. Forgotten untold, such as by a fault of the engine, it says so.
class Teller {
 public:
  explicit Teller(std::shared_ptr<Waiting> waiting) : waiting_(std::move(waiting)) {}
  ~Teller() { waiting_->tell(failed_, {}); }
  Teller(const Teller&) = delete;
  Teller& operator=(const Teller&) = delete;

  void tell(std::exception_ptr error, detail::Ended ended) const noexcept {
    waiting_->tell(std::move(error), std::move(ended));
  }

 private:
  const std::shared_ptr<Waiting> waiting_;
  // Made while there is memory for it.
  const std::exception_ptr failed_ = std::make_exception_ptr(
      Error{Errc::internal, "the engine has failed; its log says why"});
};

[[noreturn]] void throw_cancelled() {
  throw Error{Errc::cancelled, "wait: the body that waits was asked to stop"};
}

}  // namespace

void Engine::Implementation::watch(engine::Watch watch, bool may_lead) {
  const Use use{*this, "wait"};
  Use::refuse_stopped(*this, "wait");
  runner_->post(std::move(watch), may_lead);
}

void Engine::Implementation::unwatch(engine::Unwatch unwatch) {
  if (!is_here()) return;  // a destructor in a child of a fork: nobody watches there
  const engine::Passage::Inside inside{passage_};
  if (inside) runner_->post(unwatch);
}

// Also after a stop: what is recorded is told as long as the store is open.
std::optional<detail::Ended> Engine::Implementation::find_end(Key key) const {
  const Use use{*this, "wait"};
  const std::optional<InstanceRow> row = store_->row(key);
  if (row && !is_finished(row->status)) return std::nullopt;
  const std::optional<History> history = row ? store_->history(key) : std::nullopt;
  if (!history) throw Error{Errc::instance_not_found, "the instance does not exist any more"};
  if (!is_finished(history->row.status)) return std::nullopt;  // restarted meanwhile
  return engine::end_of(*history);
}

detail::Ended Engine::Implementation::wait(Key key, std::optional<Duration> limit) {
  process_.require_here("wait");
  detail::BodyRun* const body = detail::OnBehalfOf::current();
  try {
    return wait(key, limit, body);
  } catch (const Error& error) {
    if (error.code() != Errc::engine_stopped) throw;
    // Its engine's end is told to a body as to everybody else, and as the body's own.
    if (body != nullptr && is_asked_to_stop(*body)) throw_cancelled();
    if (std::optional<detail::Ended> ended = find_end(key)) return *std::move(ended);  // just before
    throw;
  }
}

detail::Ended Engine::Implementation::wait(Key key, std::optional<Duration> limit, detail::BodyRun* body) {
  const std::stop_token asked = body != nullptr ? body->context().stop_token() : std::stop_token{};
  if (asked.stop_requested()) throw_cancelled();
  if (std::optional<detail::Ended> ended = find_end(key)) return *std::move(ended);
  const auto waiting = std::make_shared<Waiting>(missed_wakeups_);
  const engine::Unwatch unwatching{.key = key, .number = ++watches_};
  watch({.key = key,
         .callback = [teller = std::make_shared<Teller>(waiting)](
                         std::exception_ptr error,
                         detail::Ended ended) { teller->tell(std::move(error), std::move(ended)); },
         .number = unwatching.number,
         .by_body = body != nullptr},
        !limit);
  Waiting::End end = Waiting::End::late;
  try {
    engine::Lent lent{body, missed_wakeups_};
    end = waiting->wait(limit, asked);
    if (end != Waiting::End::told) unwatch(unwatching);
    lent.take_back(end != Waiting::End::told);
  } catch (...) {
    unwatch(unwatching);
    throw;
  }
  if (end == Waiting::End::asked) throw_cancelled();
  if (end == Waiting::End::late) {
    throw Error{Errc::timed_out,
                "the instance has not ended within " + std::to_string(limit->count()) + " ms"};
  }
  return waiting->take();
}

// Also between the moment in which the engine stops and the one in which its bodies are told so.
bool Engine::Implementation::is_asked_to_stop(detail::BodyRun& body) const {
  if (body.context().stop_token().stop_requested()) return true;
  const engine::Passage::Inside inside{passage_};
  return stopped_ && inside && runner_->runs(body);
}

void Engine::Implementation::when_ended(const std::shared_ptr<detail::EndedWait>& wait) {
  process_.require_here("wait");
  const std::uint64_t number = ++watches_;
  wait->number = number;
  {
    const engine::Passage::Inside inside{passage_};  // else the runner may be gone
    wait->ends_with_engine = inside && wait->body() != nullptr && runner_->runs(*wait->body());
  }
  try {
    watch({.key = wait->key(),
           .callback =
               [this, wait](std::exception_ptr error, detail::Ended ended) {
                 if (engine::says(error, Errc::engine_stopped)) return tell_stopped(*wait, error);
                 wait->tell(std::move(error), std::move(ended));
               },
           .number = number,
           .by_body = wait->body() != nullptr},
          false);
  } catch (const Error& error) {
    if (error.code() != Errc::engine_stopped) throw;
    if (std::optional<detail::Ended> ended = find_end(wait->key()))
      return wait->tell(nullptr, *std::move(ended));
    throw;
  }
  wait->lend();
  if (wait->told()) unwatch({.key = wait->key(), .number = number});  // cancelled before it was watched
}

// It may have begun to wait just before: an end that is recorded is told.
void Engine::Implementation::tell_stopped(detail::EndedWait& wait, std::exception_ptr stopped) const {
  std::optional<detail::Ended> ended;
  detail::contain([&] { ended = find_end(wait.key()); }, [] {});
  if (ended) return wait.tell(nullptr, *std::move(ended));
  wait.tell(std::move(stopped), {});
}

void Engine::Implementation::cancel(detail::EndedWait& wait) {
  if (wait.cancel()) unwatch({.key = wait.key(), .number = wait.number});
}

}  // namespace cairn
