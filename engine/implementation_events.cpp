#include "engine/implementation.hpp"
#include "engine/values/text_limits.hpp"

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

/// Tells the sender once what became of its event. Whatever forgets it untold, such as a fault of the engine,
/// leaves that unknown.
class Answer {
 public:
  Answer(detail::WrittenCallback callback, std::size_t buffered_max)
      : callback_(std::move(callback)), buffered_max_(buffered_max) {}
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;
  ~Answer() { tell(unknown_); }

  void tell(const Sent& sent) noexcept {
    std::exception_ptr error;
    try {
      if (const std::optional<Error> refused = refusal(sent, buffered_max_))
        error = std::make_exception_ptr(*refused);
    } catch (const std::bad_alloc&) {
      error = std::current_exception();
    }
    tell(error);
  }

  void tell(const std::exception_ptr& error) noexcept {
    if (std::exchange(told_, true)) return;
    // It may throw, such as for lack of memory on the way to the sender's executor: the engine must not stop
    // for it.
    detail::contain([&] { callback_(error); }, [] {});
  }

 private:
  static std::exception_ptr unknown() {
    static const std::exception_ptr error = std::make_exception_ptr(
        Error{Errc::outcome_unknown, "the engine has failed meanwhile; its log says why"});
    return error;
  }

  const std::exception_ptr unknown_ = unknown();  // made while there is memory for it
  const detail::WrittenCallback callback_;
  const std::size_t buffered_max_;
  bool told_ = false;
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
  const Use use{*this, "async_send_event"};
  Use::refuse_stopped(*this, "async_send_event");
  const Limits& limits = options_.limits;
  SendEvent event = make_event(key, type, std::move(payload), limits);
  const auto answer = std::make_shared<Answer>(std::move(callback), limits.buffered_events);
  // From here on the answer alone tells, since an exception would come on top of it.
  std::exception_ptr failure;
  try {
    engine::Reply reply{
        .done = [answer](Change&&, const Outcome& outcome) { answer->tell(std::get<Sent>(outcome)); },
        .failed = [answer](const Error& error) { answer->tell(std::make_exception_ptr(error)); }};
    runner_->post(engine::Intake{std::move(event), std::move(reply), std::move(withdrawal)});
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) answer->tell(failure);
}

}  // namespace cairn
