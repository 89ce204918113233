#pragma once

#include <cairn/detail/body.hpp>
#include <cairn/detail/caught.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/require.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>

// Bodies that are coroutines of Boost.Asio: not for users, who include <cairn/asio.hpp>.
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

/// Ends a run once: with what its coroutine returned or, when that is destroyed before, as for lack of memory
/// on its way, with a failure of the attempt. Whoever destroys the coroutine destroys this.
class EndOfRun {
 public:
  explicit EndOfRun(std::shared_ptr<BodyRun> run) : run_(std::move(run)) {
    lost_.error = ErrorRecord{"Error", "the coroutine was destroyed before it returned"};
  }
  EndOfRun(const EndOfRun&) = delete;
  EndOfRun& operator=(const EndOfRun&) = delete;
  ~EndOfRun() {
    contain([&] { finish(std::move(lost_)); }, [] {});
  }

  void finish(BodyResult result) {
    stop.reset();
    if (const std::shared_ptr<BodyRun> run = std::exchange(run_, nullptr)) run->finish(std::move(result));
  }

  std::optional<std::stop_callback<std::function<void()>>> stop;  ///< asks the coroutine to end

 private:
  std::shared_ptr<BodyRun> run_;
  BodyResult lost_;  // made while there is memory
};

/// How a coroutine of a body runs on the loop. What does not depend on the body is compiled once for each
/// kind of executor: Asio's machinery is what takes a compiler's time.
template <class Executor>
class LoopRun {
 public:
  LoopRun() = default;
  LoopRun(const LoopRun&) = delete;
  LoopRun& operator=(const LoopRun&) = delete;

 protected:
  ~LoopRun() = default;

  /// Until its end the run keeps the body, and so this.
  void post(std::shared_ptr<BodyRun> run) {
    auto& io = *static_cast<boost::asio::io_context*>(run->io_context());
    boost::asio::post(io, [this, &io, run = std::move(run)] { spawn(io, run); });
  }

 private:
  /// Throws nothing that the body throws.
  virtual boost::asio::awaitable<BodyResult, Executor> carry_out(std::shared_ptr<BodyRun> run) = 0;

  /// Runs on the io_context, and so does everything that touches the signal.
  void spawn(boost::asio::io_context& io, const std::shared_ptr<BodyRun>& run) {
    if (!run->begin()) return;
    std::shared_ptr<EndOfRun> end;
    const auto begin = [&] {
      end = std::make_shared<EndOfRun>(run);
      auto signal = std::make_shared<boost::asio::cancellation_signal>();
      end->stop.emplace(run->context().stop_token(), [&io, signal] { cancel(io, signal); });
      auto done = [end, signal](std::exception_ptr error, BodyResult result) {
        if (error)
          contain([&] { std::rethrow_exception(error); }, [&] { result = result_of_current_exception(); });
        end->finish(std::move(result));
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
    const auto fail = [&] {
      if (end) return end->finish(result_of_current_exception());
      run->finish(result_of_current_exception());
    };
    contain(begin, fail);
  }

  // Called where nothing may be thrown: without memory for it, nobody asks the body.
  static void cancel(boost::asio::io_context& io,
                     const std::shared_ptr<boost::asio::cancellation_signal>& signal) noexcept {
    const auto ask = [&] {
      boost::asio::post(io, [signal] { signal->emit(boost::asio::cancellation_type::terminal); });
    };
    contain(ask, [] {});
  }
};

/// A body that is a coroutine of Boost.Asio. The callable lives as long as the body, so that the coroutine
/// may use its captures.
template <class Function, class T, class Executor>
class AwaitableBody final : public TypedBody<T>, private LoopRun<Executor> {
 public:
  explicit AwaitableBody(Function function) : function_(std::move(function)) {}

  [[nodiscard]] bool needs_worker() const noexcept override { return false; }
  void start(std::shared_ptr<BodyRun> run) override { this->post(std::move(run)); }

 private:
  // What the body throws ends here: Asio would keep it in an `std::exception_ptr`, which ends the process
  // when the exception's destructor throws. `contain`, around an await.
  boost::asio::awaitable<BodyResult, Executor> carry_out(std::shared_ptr<BodyRun> run) override {
    BodyResult result;
    bool handled = false;
    try {
      try {
        if constexpr (std::is_void_v<T>) {
          co_await invoke_body(function_, run->context());
          result = this->capture(run->context().name(), [] {});
        } else {
          T value = co_await invoke_body(function_, run->context());
          result = this->capture(run->context().name(), [&]() -> T { return std::move(value); });
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

}  // namespace cairn::detail
