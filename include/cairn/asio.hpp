#pragma once

#include <cairn/detail/awaitable_body.hpp>
#include <cairn/detail/caught.hpp>
#include <cairn/instance.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/is_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/require.hpp>
#include <boost/asio/strand.hpp>

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
/// The context of the executor on which `async_wait` or `async_send_event` completes must outlive the call:
/// the engine holds the handler, and work on its executor, until then. A context that ends earlier leaves
/// both dangling: cancel and let it complete first, or end the engine first.
///
/// What a completion handler throws leaves the loop of its executor, as is usual with Asio. An executor that
/// refuses a handler by throwing loses it: the handler is destroyed, and the engine's log says so.
namespace cairn::detail {

template <class Out>
struct WaitSignature {
  using Type = void(std::exception_ptr, Out);
};
template <>
struct WaitSignature<void> {
  using Type = void(std::exception_ptr);
};

template <class Executor>
constexpr bool is_strand = false;
template <class Inner>
constexpr bool is_strand<boost::asio::strand<Inner>> = true;

/// An executor whose context does not end while one lives: one that counts as work itself, where it can. An
/// `executor_work_guard` of a strand ends its work before it lets go of the strand, which is part of the
/// context.
template <class Executor>
class WorkingExecutor {
 public:
  explicit WorkingExecutor(const Executor& executor) : kept_(tracked(executor)) {}
  [[nodiscard]] auto get() const noexcept {
    if constexpr (can_track) {
      return kept_;
    } else {
      return kept_.get_executor();
    }
  }

 private:
  using Tracked = boost::asio::execution::outstanding_work_t::tracked_t;
  // What only has the members of the Networking TS is counted by the guard; a strand has them as well.
  static constexpr bool can_track = boost::asio::can_require<const Executor&, Tracked>::value ||
                                    (boost::asio::can_prefer<const Executor&, Tracked>::value &&
                                     (is_strand<Executor> || !boost::asio::is_executor<Executor>::value));

  static auto tracked(const Executor& executor) {
    if constexpr (can_track) {
      return boost::asio::prefer(executor, Tracked{});
    } else {
      return boost::asio::executor_work_guard<Executor>(executor);
    }
  }

  decltype(tracked(std::declval<const Executor&>())) kept_;
};

/// A handler of the host's, shared since it is called by something copyable. The engine may let go of it when
/// it has long been called, and what it consists of, such as a strand, is part of its context: that goes
/// last.
template <class Handler>
struct ToldOnExecutor {
  explicit ToldOnExecutor(Handler&& taken)
      : executor(boost::asio::get_associated_executor(taken)), handler(std::move(taken)) {}

  WorkingExecutor<boost::asio::associated_executor_t<Handler>> executor;
  Handler handler;
};

/// Calls `handler` on its own executor with what an instance ended with.
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
    std::move(handler)(error, output ? *std::move(output) : Out{});
  }
}

}  // namespace cairn::detail

template <class Out>
template <class CompletionToken>
auto cairn::Instance<Out>::async_wait(CompletionToken&& token) const {
  return boost::asio::async_initiate<CompletionToken, typename detail::WaitSignature<Out>::Type>(
      [core = core_, key = key_](auto handler) {
        using Handler = decltype(handler);
        static_assert(std::is_nothrow_destructible_v<Handler>, "the destructor of a handler must not throw");
        const auto told = std::make_shared<detail::ToldOnExecutor<Handler>>(std::move(handler));
        auto slot = boost::asio::get_associated_cancellation_slot(told->handler);
        detail::EndedCallback callback = [told, slot](std::exception_ptr error, detail::Ended ended) {
          boost::asio::post(told->executor.get(), [told, slot, error, ended = std::move(ended)]() mutable {
            if (slot.is_connected()) slot.clear();
            detail::complete_wait<Out>(std::move(told->handler), error, ended);
          });
        };
        auto wait = std::make_shared<detail::EndedWait>(key, std::move(callback));
        if (slot.is_connected()) {
          // The handler may own the signal: it must not be what keeps the handler.
          slot.assign([core, waiting = std::weak_ptr{wait}](boost::asio::cancellation_type type) {
            const auto waits = waiting.lock();
            if (waits && type != boost::asio::cancellation_type::none) core->cancel(*waits);
          });
        }
        // An exception would leave the loop that runs the initiation.
        std::exception_ptr failure;
        try {
          core->when_ended(wait);
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
        static_assert(std::is_nothrow_destructible_v<Handler>, "the destructor of a handler must not throw");
        const auto told = std::make_shared<detail::ToldOnExecutor<Handler>>(std::move(handler));
        detail::WrittenCallback callback = [told](std::exception_ptr error) {
          boost::asio::post(told->executor.get(), [told, error] {
            Handler taken = std::move(told->handler);
            std::move(taken)(error);
          });
        };
        std::exception_ptr failure;
        try {
          core->post_event(key, sent_type, encode(sent, "payload"), callback);
        } catch (...) {
          failure = std::current_exception();
        }
        if (failure) callback(failure);
      },
      token, std::move(type), std::move(payload));
}
