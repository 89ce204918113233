#pragma once

#include <cairn/codec.hpp>
#include <cairn/detail/caught.hpp>
#include <cairn/detail/type_name.hpp>
#include <cairn/error.hpp>
#include <cairn/step_context.hpp>

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

// How a body of any type becomes something that the engine can run: not for users.
namespace cairn::detail {

/// What one execution of a body left behind.
struct BodyResult {
  std::string output = "null";  ///< JSON text, when there is no error
  std::optional<ErrorRecord> error = std::nullopt;
  bool retryable = true;
};

/// The exception that is being handled, as a result. Lets the end of a thread pass, and throws nothing else.
[[nodiscard]] BodyResult result_of_current_exception();

/// Of the waits of one execution of a body.
using WaitNumber = std::uint64_t;

/// One execution of a body. The engine makes it, the body ends it.
class BodyRun : public std::enable_shared_from_this<BodyRun> {
 public:
  virtual ~BodyRun() = default;
  [[nodiscard]] virtual StepContext& context() noexcept = 0;
  /// Called when the body is about to begin, on the thread on which it does. False: nobody wants it any more;
  /// it must not begin, and there is nothing to `finish`.
  [[nodiscard]] virtual bool begin() = 0;
  /// Called exactly once, from any thread.
  virtual void finish(BodyResult result) = 0;
  /// Where awaitable bodies run (`asio.hpp` knows its type).
  [[nodiscard]] virtual void* io_context() = 0;

  /// The number of a wait for another instance: by it both ends of the wait are known, in whatever order they
  /// are heard, and also when the beginning is lost.
  [[nodiscard]] virtual WaitNumber next_wait() noexcept = 0;
  /// From now on the body waits: others may have what it holds. Throws `std::system_error` when there is no
  /// thread to be had for them, or `std::bad_alloc`; then it holds everything as before.
  virtual void lend(WaitNumber wait) = 0;
  /// It has waited, or did not begin to. `granted` is called, by any thread, when its instance has its slot
  /// back; it must neither block nor throw. `at_once`: others need not give way first.
  virtual void take_back(WaitNumber wait, bool at_once, std::function<void()> granted) noexcept = 0;
};

/// While one lives, the calling thread works for that body: calls that wait for instances look for it.
class OnBehalfOf {
 public:
  explicit OnBehalfOf(BodyRun& run) noexcept : OnBehalfOf(&run) {}
  /// Null: for none.
  explicit OnBehalfOf(BodyRun* run) noexcept;
  ~OnBehalfOf();
  OnBehalfOf(const OnBehalfOf&) = delete;
  OnBehalfOf& operator=(const OnBehalfOf&) = delete;

  /// Null: the calling thread works for none.
  [[nodiscard]] static BodyRun* current() noexcept;

 private:
  BodyRun* before_;
};

class Body {
 public:
  virtual ~Body() = default;
  /// Whether it keeps the thread on which it is started until it returns.
  [[nodiscard]] virtual bool needs_worker() const noexcept { return true; }
  /// Begins one execution, on a thread of the step pool if it needs one. Ends with `run->finish`, at once or
  /// later, or with a `run->begin` that says no.
  virtual void start(std::shared_ptr<BodyRun> run) = 0;
  /// Makes what the workflow is given of what is recorded, unless it stands already: then false. Throws what
  /// the conversion throws when that does not fit; `field` begins the message.
  virtual bool accept(const std::string& recorded, std::string_view field) = 0;
  /// The type that it makes of it.
  [[nodiscard]] virtual std::string_view type() const noexcept = 0;
};

template <class T>
using Stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

/// A body whose result is a T. The value is decoded from what is recorded on the thread that ran the body, so
/// that the workflow sees the same value now as on any replay, and the conductor decodes in replays alone.
template <class T>
class TypedBody : public Body {
 public:
  TypedBody() = default;
  TypedBody(const TypedBody&) = delete;
  TypedBody& operator=(const TypedBody&) = delete;
  ~TypedBody() noexcept override = default;  // where T's is not, `require_body` refuses it

  [[nodiscard]] std::optional<Stored<T>>& value() noexcept { return value_; }

  bool accept(const std::string& recorded, std::string_view field) final {
    if constexpr (std::is_void_v<T>) {
      return false;
    } else {
      if (value_) return false;
      value_.emplace(decode<T>(recorded, field));
      return true;
    }
  }
  [[nodiscard]] std::string_view type() const noexcept final { return type_name<T>(); }

 protected:
  /// Calls `function` and turns what it returns or throws into a result of the step `name`.
  template <class Function>
  BodyResult capture(std::string_view name, Function&& function) {
    BodyResult result;
    const auto run = [&] {
      if constexpr (std::is_void_v<T>) {
        function();
        value_.emplace();
      } else {
        record(function(), name, result);
      }
    };
    contain(run, [&] { result = result_of_current_exception(); });
    return result;
  }

 private:
  template <class Made>
  void record(const Made& made, std::string_view name, BodyResult& result) {
    try {
      result.output = encode<T>(made, "result");
      value_.emplace(decode<T>(result.output, "result"));
    } catch (const Error& error) {
      refuse_for(error, "step", name);
    }
  }

  std::optional<Stored<T>> value_;
};

template <class Function>
decltype(auto) invoke_body(Function& function, StepContext& context) {
  if constexpr (std::invocable<Function&, StepContext&>) {
    return std::invoke(function, context);
  } else {
    return std::invoke(function);
  }
}

template <class Function>
using BodyReturn = decltype(invoke_body(std::declval<Function&>(), std::declval<StepContext&>()));

/// A body that is a plain callable: it has run when `start` returns.
template <class Function, class T>
class PlainBody final : public TypedBody<T> {
 public:
  explicit PlainBody(Function function) : function_(std::move(function)) {}

  void start(std::shared_ptr<BodyRun> run) override {
    if (!run->begin()) return;
    run->finish(this->capture(run->context().name(), [&]() -> T {
      const OnBehalfOf here{*run};
      return invoke_body(function_, run->context());
    }));
  }

 private:
  Function function_;
};

/// Stands where no body runs, for the value.
template <class T>
class NoBody final : public TypedBody<T> {
 public:
  void start(std::shared_ptr<BodyRun> /*run*/) override {}
};

/// Chooses the kind of body by what the callable returns; `<cairn/asio.hpp>` adds the one for
/// `boost::asio::awaitable`.
template <class Return>
struct BodyOf {
  using Result = std::remove_cvref_t<Return>;
  template <class Function>
  using Type = PlainBody<Function, Result>;
};

}  // namespace cairn::detail
