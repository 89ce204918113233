#include "engine/implementation.hpp"
#include "values/text_limits.hpp"

#include <cairn/detail/caught.hpp>
#include <cairn/detail/counted.hpp>

#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

// Events, sent by callers that wait and by callers that are called back.
namespace cairn {

namespace {

SendEvent make_event(Key key, std::string_view type, std::string payload, const Limits& limits) {
  check_event_type(type);
  values::check_text(payload, "payload", {limits.event_bytes, limits.json_depth}, "event", type);
  return {.key = key,
          .type = std::string{type},
          .payload = std::move(payload),
          .buffered_max = limits.buffered_events};
}

std::optional<Error> refusal(const Sent& sent, std::size_t buffered_max) {
  if (!sent.refused) return std::nullopt;
  switch (*sent.refused) {
    case Errc::cannot_send_event:
      return Error{*sent.refused,
                   "the instance is " + std::string{to_string(sent.status)} + " and takes no more events"};
    case Errc::too_large:
      return Error{*sent.refused, "the instance has " + detail::counted(buffered_max, "event") +
                                      " waiting; the limit is reached"};
    default:
      return Error{*sent.refused, "the instance does not exist any more"};
  }
}

/// Tells the sender once what became of its event: when nobody has this any more. In a turn it only hears of
/// it: an executor may run the sender's handler at once, and that may call the engine. Forgotten before it
/// has heard anything, such as by a fault of the engine, it says that this is unknown.
class Answer {
 public:
  Answer(detail::WrittenCallback callback, std::size_t buffered_max)
      : callback_(std::move(callback)), buffered_max_(buffered_max) {}
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;
  ~Answer() {
    // It may throw, such as for lack of memory on the way to the sender's executor: the engine must not stop
    // for it.
    detail::contain([&] { callback_(error_); }, [] {});
  }

  void hear(const Sent& sent) noexcept {
    try {
      const std::optional<Error> refused = refusal(sent, buffered_max_);
      error_ = refused ? std::make_exception_ptr(*refused) : nullptr;
    } catch (const std::bad_alloc&) {
      error_ = std::current_exception();
    }
  }
  void hear(std::exception_ptr error) noexcept { error_ = std::move(error); }

 private:
  static std::exception_ptr unknown() {
    static const std::exception_ptr error = std::make_exception_ptr(
        Error{Errc::outcome_unknown, "the engine has failed meanwhile; its log says why"});
    return error;
  }

  std::exception_ptr error_ = unknown();  // made while there is memory for it
  const detail::WrittenCallback callback_;
  const std::size_t buffered_max_;
};

}  // namespace

void Engine::Implementation::send_event(Key key, std::string_view type, std::string payload) {
  const Use use{*this, "send_event"};
  Use::refuse_stopped(*this, "send_event");
  const Limits& limits = options_.limits;
  const Outcome outcome = runner_->call(make_event(key, type, std::move(payload), limits));
  if (const std::optional<Error> refused = refusal(std::get<Sent>(outcome), limits.buffered_events))
    throw Error{*refused};
}

void Engine::Implementation::post_event(Key key, std::string_view type, std::string payload,
                                        detail::WrittenCallback callback,
                                        std::shared_ptr<detail::Withdrawal> withdrawal) {
  std::shared_ptr<Answer> answer;  // may call the host when this call is over
  const Use use{*this, "async_send_event"};
  Use::refuse_stopped(*this, "async_send_event");
  const Limits& limits = options_.limits;
  SendEvent event = make_event(key, type, std::move(payload), limits);
  answer = std::make_shared<Answer>(std::move(callback), limits.buffered_events);
  // From here on the answer alone tells, since an exception would come on top of it.
  std::exception_ptr failure;
  try {
    engine::Reply reply{
        .done = [told = answer.get()](Change&&,
                                      const Outcome& outcome) { told->hear(std::get<Sent>(outcome)); },
        .failed = [told = answer.get()](const Error& error) { told->hear(std::make_exception_ptr(error)); },
        .behind_turn = answer};
    runner_->post(engine::Intake{std::move(event), std::move(reply), std::move(withdrawal)});
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) answer->hear(failure);
}

}  // namespace cairn
