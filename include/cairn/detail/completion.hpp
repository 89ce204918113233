#pragma once

#include <cairn/detail/caught.hpp>
#include <cairn/detail/own_process.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/detail/strand_executor_service.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/is_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/require.hpp>
#include <boost/asio/strand.hpp>

#include <concepts>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

// How the calls of <cairn/asio.hpp> complete: on their handler's executor, once, or never when its context
// ends first. Not for users.
namespace cairn::detail {

/// A call that has not completed. Thread-safe.
class PendingCall {
 public:
  virtual ~PendingCall() = default;
  /// Its context ends: destroys the handler, and what belongs to the context.
  virtual void let_go() noexcept = 0;
};

/// The calls that are to complete on one execution context. It lets go of them when it ends, as it does of
/// every operation of its own. Thread-safe.
class PendingCalls : public boost::asio::execution_context::service {
 public:
  using Place = std::list<std::shared_ptr<PendingCall>>::iterator;

  explicit PendingCalls(boost::asio::execution_context& context)
      : boost::asio::execution_context::service(context) {
    boost::asio::use_service<boost::asio::detail::strand_executor_service>(context);
  }
  /// One that was made while the context ended is not shut down.
  ~PendingCalls() override { end(); }
  PendingCalls(const PendingCalls&) = delete;
  PendingCalls& operator=(const PendingCalls&) = delete;

  /// Nothing: the context is ending, and takes no calls any more.
  std::optional<Place> add(std::shared_ptr<PendingCall> call) {
    const std::lock_guard lock{mutex_};
    if (ended_) return std::nullopt;
    return calls_.insert(calls_.end(), std::move(call));
  }
  void remove(Place place) noexcept {
    const std::lock_guard lock{mutex_};
    if (!ended_) calls_.erase(place);  // else the list is gone over, and then destroyed
  }

 private:
  void shutdown() override { end(); }
  // Without the lock: what is destroyed may begin other calls. In a child of a fork a thread that it does not
  // have may hold the lock of a call.
  void end() noexcept {
    if (!process_.is_here()) return;
    {
      const std::lock_guard lock{mutex_};
      ended_ = true;
    }
    for (const std::shared_ptr<PendingCall>& call : calls_) call->let_go();
    calls_.clear();
  }

  const OwnProcess process_;
  std::mutex mutex_;
  bool ended_ = false;
  std::list<std::shared_ptr<PendingCall>> calls_;
};

/// Those whose handlers have that executor: services end in the reverse order of their making, and what the
/// executor is made of must not end first. A service of strands goes over their queues, while whoever
/// completes a call may still post to one. With an executor at hand, what it needs has been made. Only one
/// whose type is erased may turn out to be a strand later: so the service of these is made in any case.
template <class Executor>
class PendingCallsOf final : public PendingCalls {
 public:
  using PendingCalls::PendingCalls;
  inline static boost::asio::execution_context::id id;
};

/// The context of an executor; null for one that does not tell.
template <class Executor>
boost::asio::execution_context* context_of(const Executor& executor) {
  using Context = boost::asio::execution_context;
  if constexpr (boost::asio::can_query<const Executor&, boost::asio::execution::context_t>::value) {
    using Found = decltype(boost::asio::query(executor, boost::asio::execution::context));
    if constexpr (std::is_convertible_v<Found, Context&>) {
      Context& context = boost::asio::query(executor, boost::asio::execution::context);
      return &context;
    } else {
      return nullptr;
    }
  } else if constexpr (requires {
                         { executor.context() } -> std::convertible_to<Context&>;
                       }) {
    Context& context = executor.context();
    return &context;
  } else {
    return nullptr;
  }
}

template <class Executor>
constexpr bool is_strand = false;
template <class Inner>
constexpr bool is_strand<boost::asio::strand<Inner>> = true;

/// An executor whose context does not run out of work while one lives: one that counts as work itself, where
/// it can. An `executor_work_guard` of a strand ends its work before it lets go of the strand, which is part
/// of the context.
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

/// Has the executor run the function, and not before this returns where the executor can be asked for that.
/// One whose type is erased for handlers alone (`any_completion_executor`) cannot.
template <class Executor, class Function>
void post_to(const Executor& executor, Function function) {
  using Never = boost::asio::execution::blocking_t::never_t;
  if constexpr (boost::asio::can_require<const Executor&, Never>::value ||
                boost::asio::is_executor<Executor>::value) {
    boost::asio::post(executor, std::move(function));
  } else {
    boost::asio::prefer(executor, Never{}).execute(std::move(function));
  }
}

/// A call with its handler. Owned by whoever completes it, and by the context until then.
template <class Handler>
class Completion final : public PendingCall, public std::enable_shared_from_this<Completion<Handler>> {
  static_assert(std::is_nothrow_destructible_v<Handler>, "the destructor of a handler must not throw");

 public:
  explicit Completion(Handler&& handler)
      : slot_(boost::asio::get_associated_cancellation_slot(handler)), held_(std::in_place, handler) {}

  /// Called, once the handler is gone, when the context ends first. To be said before `enter`.
  void when_let_go(std::function<void()> forget) { forget_ = std::move(forget); }

  /// From now on the context knows of it. False: it is ending; handler and executor are destroyed.
  bool enter() {
    const std::lock_guard lock{mutex_};
    boost::asio::execution_context* const context = context_of(held_->executor.get());
    if (context == nullptr) return true;
    PendingCalls& calls = boost::asio::use_service<PendingCallsOf<Executor>>(*context);
    place_ = calls.add(this->shared_from_this());
    if (place_) {
      calls_ = &calls;
    } else {
      drop();
    }
    return calls_ != nullptr;
  }

  /// `cancel` is called with the type of each cancellation that is asked for. It may outlive the call.
  template <class Cancel>
  void when_cancelled(Cancel cancel) {
    if (slot_.is_connected()) slot_.assign(std::move(cancel));
  }

  /// Has `call(handler)` run on the handler's executor. The first time counts.
  ///
  /// The lock is held until the executor has taken it and is let go of: so long a context that ends waits.
  /// It is recursive, since an executor may run a handler at once, and a handler that is destroyed may hold
  /// whoever completes it.
  template <class Call>
  void complete(Call call) {
    const std::lock_guard lock{mutex_};
    if (!held_) return;
    const Leaving leaving{*this};
    Held held = *std::exchange(held_, std::nullopt);
    post_to(held.executor.get(),
            [handler = std::move(held.handler), slot = slot_, call = std::move(call)]() mutable {
              if (slot.is_connected()) slot.clear();
              Handler taken = std::move(*handler);
              handler.reset();
              call(std::move(taken));
            });
  }

  // Without the lock: a handler that is destroyed may end an engine, and so wait for whoever completes this.
  void let_go() noexcept override {
    {
      std::unique_lock lock{mutex_};
      if (!held_) return;
      const std::optional<Held> dropped = std::exchange(held_, std::nullopt);
      lock.unlock();
    }
    if (forget_) contain([this] { forget_(); }, [] {});
  }

 private:
  using Executor = boost::asio::associated_executor_t<Handler>;

  // What it consists of may be part of the context, such as a strand: the executor, which counts as work,
  // goes last. The handler is shared because it is posted by something copyable.
  struct Held {
    explicit Held(Handler& taken)
        : executor(boost::asio::get_associated_executor(taken)),
          handler(std::make_shared<Handler>(std::move(taken))) {}

    WorkingExecutor<Executor> executor;
    std::shared_ptr<Handler> handler;
  };

  // Takes it off the context's list, when nothing of the context is held any more.
  class Leaving {
   public:
    explicit Leaving(Completion& call) noexcept : call_(call) {}
    ~Leaving() {
      if (call_.calls_ != nullptr) std::exchange(call_.calls_, nullptr)->remove(*call_.place_);
    }
    Leaving(const Leaving&) = delete;
    Leaving& operator=(const Leaving&) = delete;

   private:
    Completion& call_;
  };

  void drop() noexcept { const std::optional<Held> dropped = std::exchange(held_, std::nullopt); }

  std::recursive_mutex mutex_;
  boost::asio::associated_cancellation_slot_t<Handler> slot_;
  std::optional<Held> held_;
  PendingCalls* calls_ = nullptr;  // while it stands in the list
  std::optional<PendingCalls::Place> place_;
  std::function<void()> forget_;
};

/// What a call that was cancelled completes with.
inline std::exception_ptr operation_aborted() {
  return std::make_exception_ptr(boost::system::system_error{boost::asio::error::operation_aborted});
}

}  // namespace cairn::detail
