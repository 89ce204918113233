#pragma once

#include <cairn/detail/body.hpp>
#include <cairn/detail/caught.hpp>
#include <cairn/instance.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/require.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <stop_token>
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
/// What a completion handler throws leaves the loop of its executor, as is usual with Asio. An executor that
/// refuses a handler by throwing loses it: the handler is destroyed, and the engine's log says so.
namespace cairn::detail {

/// What a body's coroutine runs on: the loop, on behalf of that body.
template <class Inner>
class BodyExecutor {
 public:
  BodyExecutor(std::weak_ptr<BodyRun> run, Inner inner) noexcept
      : run_(std::move(run)), inner_(std::move(inner)) {}

  template <class Property>
  requires(boost::asio::can_query<const Inner&, Property>::value)
      typename boost::asio::query_result<const Inner&, Property>::type query(const Property& property) const
      noexcept(boost::asio::is_nothrow_query<const Inner&, Property>::value) {
    return boost::asio::query(inner_, property);
  }
  template <class Property>
  requires(boost::asio::can_require<const Inner&, Property>::value) auto require(const Property& property)
      const noexcept(boost::asio::is_nothrow_require<const Inner&, Property>::value) {
    return with(boost::asio::require(inner_, property));
  }
  template <class Property>
  requires(boost::asio::can_prefer<const Inner&, Property>::value) auto prefer(const Property& property) const
      noexcept(boost::asio::is_nothrow_prefer<const Inner&, Property>::value) {
    return with(boost::asio::prefer(inner_, property));
  }

  template <class Function>
  void execute(Function&& function) const {
    inner_.execute([run = run_, function = std::forward<Function>(function)]() mutable {
      const std::shared_ptr<BodyRun> body = run.lock();
      if (!body) return std::move(function)();
      const OnBehalfOf here{*body};
      std::move(function)();
    });
  }

  friend bool operator==(const BodyExecutor& one, const BodyExecutor& other) noexcept {
    return one.inner_ == other.inner_ && !one.run_.owner_before(other.run_) &&
           !other.run_.owner_before(one.run_);
  }

 private:
  template <class Other>
  BodyExecutor<std::decay_t<Other>> with(Other&& inner) const noexcept {
    return {run_, std::forward<Other>(inner)};
  }

  std::weak_ptr<BodyRun> run_;  // copies may outlive the body, and must not keep what it captures
  Inner inner_;
};

/// A body that is a coroutine of Boost.Asio. The callable lives as long as the body, so that the coroutine
/// may use its captures.
template <class Function, class T, class Executor>
class AwaitableBody final : public TypedBody<T> {
 public:
  explicit AwaitableBody(Function function) : function_(std::move(function)) {}

  [[nodiscard]] bool needs_worker() const noexcept override { return false; }

  void start(std::shared_ptr<BodyRun> run) override {
    auto& io = *static_cast<boost::asio::io_context*>(run->io_context());
    boost::asio::post(io, [this, &io, run = std::move(run)] { spawn(io, run); });
  }

 private:
  using StopCallback = std::stop_callback<std::function<void()>>;

  /// Runs on the io_context, and so does everything that touches the signal.
  void spawn(boost::asio::io_context& io, const std::shared_ptr<BodyRun>& run) {
    if (!run->begin()) return;
    const auto begin = [&] {
      auto signal = std::make_shared<boost::asio::cancellation_signal>();
      auto stop = std::make_shared<StopCallback>(run->context().stop_token(),
                                                 [&io, signal] { cancel(io, signal); });
      auto done = [run, signal, stop](std::exception_ptr error, BodyResult result) mutable {
        stop.reset();
        if (error)
          contain([&] { std::rethrow_exception(error); }, [&] { result = result_of_current_exception(); });
        run->finish(std::move(result));
      };
      const OnBehalfOf here{*run};
      auto coroutine = carry_out(run);
      auto token = boost::asio::bind_cancellation_slot(signal->slot(), std::move(done));
      using Loop = boost::asio::io_context::executor_type;
      if constexpr (std::is_convertible_v<BodyExecutor<Loop>, typename decltype(coroutine)::executor_type>) {
        const BodyExecutor<Loop> executor{run, io.get_executor()};
        boost::asio::co_spawn(executor, std::move(coroutine), std::move(token));
      } else {
        boost::asio::co_spawn(io, std::move(coroutine), std::move(token));
      }
    };
    contain(begin, [&] { run->finish(result_of_current_exception()); });
  }

  // Called where nothing may be thrown: without memory for it, nobody asks the body.
  static void cancel(boost::asio::io_context& io,
                     const std::shared_ptr<boost::asio::cancellation_signal>& signal) noexcept {
    const auto ask = [&] {
      boost::asio::post(io, [signal] { signal->emit(boost::asio::cancellation_type::terminal); });
    };
    contain(ask, [] {});
  }

  // What the body throws ends here: Asio would keep it in an `std::exception_ptr`, which ends the process
  // when the exception's destructor throws. `contain`, around an await.
  boost::asio::awaitable<BodyResult, Executor> carry_out(std::shared_ptr<BodyRun> run) {
    BodyResult result;
    bool handled = false;
    try {
      try {
        if constexpr (std::is_void_v<T>) {
          co_await invoke_body(function_, run->context());
          result = this->capture([] {});
        } else {
          T value = co_await invoke_body(function_, run->context());
          result = this->capture([&]() -> T { return std::move(value); });
        }
      } catch (...) {
        result = result_of_current_exception();
        handled = true;
      }
    } catch (...) {
      if (!handled) throw;
      never_destroy_current_exception();
    }
    co_return result;
  }

  Function function_;
};

template <class T, class Executor>
struct BodyOf<boost::asio::awaitable<T, Executor>> {
  using Result = T;
  template <class Function>
  using Type = AwaitableBody<Function, T, Executor>;
};

template <class Out>
struct WaitSignature {
  using Type = void(std::exception_ptr, Out);
};
template <>
struct WaitSignature<void> {
  using Type = void(std::exception_ptr);
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
        auto executor = boost::asio::get_associated_executor(handler);
        // The callback is copyable, the handler is not; the guard keeps the caller's executor running until
        // then.
        auto shared = std::make_shared<Handler>(std::move(handler));
        auto slot = boost::asio::get_associated_cancellation_slot(*shared);
        detail::EndedCallback callback = [shared, slot, guard = boost::asio::make_work_guard(executor)](
                                             std::exception_ptr error, detail::Ended ended) {
          boost::asio::post(guard.get_executor(), [shared, slot, error, ended = std::move(ended)]() mutable {
            if (slot.is_connected()) slot.clear();
            detail::complete_wait<Out>(std::move(*shared), error, ended);
          });
        };
        auto wait = std::make_shared<detail::EndedWait>(key, std::move(callback));
        if (slot.is_connected()) {
          slot.assign([core, wait](boost::asio::cancellation_type type) {
            if (type != boost::asio::cancellation_type::none) core->cancel(*wait);
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
        auto executor = boost::asio::get_associated_executor(handler);
        auto shared = std::make_shared<Handler>(std::move(handler));
        detail::WrittenCallback callback =
            [shared, guard = boost::asio::make_work_guard(executor)](std::exception_ptr error) {
              boost::asio::post(guard.get_executor(), [shared, error] {
                Handler told = std::move(*shared);
                std::move(told)(error);
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
