#pragma once

#include <cairn/codec.hpp>
#include <cairn/detail/awaitable_body.hpp>
#include <cairn/detail/caught.hpp>
#include <cairn/detail/completion.hpp>
#include <cairn/instance.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_type.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

/// Boost.Asio for cairn: bodies that return `boost::asio::awaitable<R>`, `Instance::async_wait` and
/// `Instance::async_send_event`.
///
/// An awaitable body runs on the engine's own `io_context`, on one thread; it needs no thread of the step
/// pool, and must not block this one. As many run at once as `EngineOptions::concurrency` says, not counting
/// those that wait for instances. When its attempt passes its timeout, its instance is terminated or
/// restarted, or the engine stops, it receives Asio's `terminal` cancellation.
///
/// A coroutine that is destroyed before it returns, as by a loop of the host's that it waited on and that
/// ends, fails its attempt. What a body has left on the loop, such as a detached timer, holds up the end of
/// the engine until it is done.
///
/// Both calls take Asio's per-operation cancellation, and then complete with a `boost::system::system_error`
/// of `boost::asio::error::operation_aborted`. A wait has no effects: every type of cancellation ends it at
/// once. An event is withdrawn as long as its writing has not begun, and then was never sent. Later,
/// `terminal` and `partial` let go of it, and it may have been sent; `total`, which is to leave no effects,
/// comes too late, and the call goes on.
///
/// The engine holds work on the executor on which a call completes. A context that ends first all the same
/// lets go of the call, as of its own operations: the handler is destroyed and never called. A wait is over
/// then; an event goes on its way. (An executor that does not tell its context must outlive its calls.)
///
/// A handler without an executor, as a plain lambda or `use_future`, completes on Asio's `system_context`,
/// which has a thread from then on; and `exit` in a child of `fork` waits for it for ever, since the child
/// does not have it. Name an executor (`boost::asio::bind_executor`), or leave the child by `_exit` or
/// `exec`.
///
/// What a completion handler throws leaves the loop of its executor, as is usual with Asio. An executor that
/// refuses a handler by throwing loses it: the handler is destroyed. Of a wait that no body does the engine's
/// log says so.
namespace cairn::detail {

/// What stands for the output: Asio needs a value beside an error as well, and so does what hands one over.
template <class Out>
using Awaited = std::conditional_t<std::is_default_constructible_v<Out>, Out, std::optional<Out>>;

template <class Out>
struct WaitSignature {
  using Type = void(std::exception_ptr, Awaited<Out>);
};
template <>
struct WaitSignature<void> {
  using Type = void(std::exception_ptr);
};

/// Calls `handler` with what an instance ended with.
template <class Out, class Handler>
void complete_wait(Handler handler, std::exception_ptr error, const Ended& ended) {
  if (!error && ended.status != Status::complete)
    error = std::make_exception_ptr(InstanceError{ended.status, ended.error});
  if constexpr (std::is_void_v<Out>) {
    std::move(handler)(error);
  } else {
    std::optional<Out> output;
    const auto decode_output = [&] {
      if (!error) output.emplace(decode<Out>(ended.output, "output"));
    };
    contain(decode_output, [&] { error = decoding_failure("output"); });
    if constexpr (std::is_default_constructible_v<Out>) {
      std::move(handler)(error, output ? *std::move(output) : Out{});
    } else {
      std::move(handler)(error, std::move(output));
    }
  }
}

}  // namespace cairn::detail

template <class Out>
template <class CompletionToken>
auto cairn::Instance<Out>::async_wait(CompletionToken&& token) const {
  return boost::asio::async_initiate<CompletionToken, typename detail::WaitSignature<Out>::Type>(
      [core = core_, key = key_](auto handler) {
        using Handler = decltype(handler);
        const auto call = std::make_shared<detail::Completion<Handler>>(std::move(handler));
        const auto wait = std::make_shared<detail::EndedWait>(
            key,
            [call](std::exception_ptr error, detail::Ended ended) {
              call->complete([error = std::move(error), ended = std::move(ended)](Handler taken) {
                detail::complete_wait<Out>(std::move(taken), error, ended);
              });
            },
            detail::operation_aborted());
        // An exception would leave the loop that runs the initiation.
        std::exception_ptr failure;
        try {
          detail::Core& known = detail::core_of(core);
          call->when_let_go([core, wait = std::weak_ptr{wait}] {
            if (const auto left = wait.lock()) core->cancel(*left);
          });
          if (!call->enter()) return;
          // The handler may own the signal: that must not be what keeps it. Completed at once, this is
          // destroyed.
          call->when_cancelled([core, waiting = std::weak_ptr{wait}](boost::asio::cancellation_type type) {
            const auto [engine, cancelled] = std::pair{core, waiting.lock()};
            if (cancelled && type != boost::asio::cancellation_type::none) engine->cancel(*cancelled);
          });
          known.when_ended(wait);
        } catch (...) {
          failure = std::current_exception();
        }
        if (failure) wait->tell(failure, {});
      },
      token);
}

template <class Out>
template <class CompletionToken>
auto cairn::Instance<Out>::async_send_event(std::string type, json payload, CompletionToken&& token) const {
  return boost::asio::async_initiate<CompletionToken, void(std::exception_ptr)>(
      [core = core_, key = key_](auto handler, const std::string& sent_type, const json& sent) {
        using Handler = decltype(handler);
        const auto call = std::make_shared<detail::Completion<Handler>>(std::move(handler));
        const auto withdrawal = std::make_shared<detail::Withdrawal>();
        const auto complete = [call](const std::exception_ptr& error) {
          const auto completed = call;
          completed->complete([error](Handler taken) { std::move(taken)(error); });
        };
        const detail::WrittenCallback callback = [complete, withdrawal](const std::exception_ptr& error) {
          if (!withdrawal->is_withdrawn()) complete(error);  // else whoever withdrew it says so
        };
        std::exception_ptr failure;
        try {
          detail::Core& known = detail::core_of(core);
          if (!call->enter()) return;
          const std::exception_ptr aborted = detail::operation_aborted();
          call->when_cancelled(
              [waiting = std::weak_ptr{call}, withdrawal, aborted](boost::asio::cancellation_type asked) {
                constexpr auto lets_go = boost::asio::cancellation_type::terminal |
                                         boost::asio::cancellation_type::partial;
                const auto left = waiting.lock();
                if (!left || asked == boost::asio::cancellation_type::none) return;
                const bool never_sent = withdrawal->withdraw();
                if (!never_sent && (asked & lets_go) == boost::asio::cancellation_type::none) return;
                left->complete([aborted](Handler taken) { std::move(taken)(aborted); });
              });
          known.post_event(key, sent_type,
                           detail::encode_for(sent, "payload", "event", sent_type, known.json_depth()),
                           callback, withdrawal);
        } catch (...) {
          failure = std::current_exception();
        }
        if (failure) callback(failure);
      },
      token, std::move(type), std::move(payload));
}
