#pragma once

#include <cairn/all.hpp>
#include <cairn/detail/checked_body.hpp>
#include <cairn/detail/gcc12.hpp>
#include <cairn/step_call.hpp>
#include <cairn/task.hpp>

#include <concepts>
#include <memory>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cairn {

/// What to wait for. Trivially destructible, so that it may be written inside a `co_await` expression (GCC
/// 12); the type is copied at once.
struct EventOptions {
  std::string_view type;                      ///< as `check_event_type`
  Duration timeout = std::chrono::hours{24};  ///< from 1 ms to 365 days
};

static_assert(std::is_trivially_destructible_v<EventOptions> &&
              std::is_trivially_destructible_v<StepOptions>);

/// What an instance knows of itself.
struct InstanceInfo {
  std::string id;
  std::string workflow;  ///< the workflow's name
  Time created = {};
};

namespace detail {

template <class Taken>
constexpr void require_reference() {
  constexpr bool is_reference = std::is_void_v<Taken>;
  static_assert(is_reference,
                "a Context is not copied: a workflow, and each part of it, takes it by reference, Context&");
}

}  // namespace detail

/// The workflow function's hold on the engine: each call describes a step, and awaiting it runs or replays
/// the step.
///
/// A step is known by its kind, its name and how often that name was used before in this run, so names may
/// repeat; a step of the same name after a change of code gets the value that was recorded under that name.
/// Step names: `check_step_name`.
///
/// Owned by the engine for as long as the instance's frames live, which may be rebuilt at any `co_await`: do
/// not keep it beside the parameters of coroutines. One that is used later is gone; AddressSanitizer says so.
/// Only workflow code of this instance describes steps: anywhere else, as in a body or on a thread of the
/// host's, that throws `Error` (`wrong_thread`), and ends the body's step. The facts about the instance may
/// be read in bodies. Not thread-safe.
class Context {
 public:
  Context(detail::FrameTree& tree, InstanceInfo info) : tree_(&tree), info_(std::move(info)) {}
  Context(const Context&) = delete;
  /// For whoever takes one by value: easier to read than what compilers say of the above.
  template <class Other>
  requires std::is_same_v<Context, std::remove_cvref_t<Other>>
  // NOLINTNEXTLINE(google-explicit-constructor, bugprone-forwarding-reference-overload)
  Context(Other&& /*other*/) {
    detail::require_reference<std::remove_cvref_t<Other>>();
  }
  Context& operator=(const Context&) = delete;

  /// Runs `body` once and records what it returns: after a crash, the record is used and the body is not run
  /// again. A body that was cut off by a crash runs again (at least once in all); give
  /// `StepContext::idempotency_key` to services that can tell.
  ///
  /// `body` is `R()` or `R(StepContext&)`, or returns a `boost::asio::awaitable<R>` (`<cairn/asio.hpp>`). R
  /// is void or converts to and from `json`. It runs on the engine's step pool and may block. It may capture
  /// by reference what outlives the `co_await`: the engine keeps the frames until the body has returned. A
  /// named callable is copied.
  template <class Body>
  [[nodiscard]] auto step(std::string_view name, Body&& body) {
    return step(name, StepOptions{}, std::forward<Body>(body));
  }

  template <class Body>
  [[nodiscard]] auto step(std::string_view name, const StepOptions& options, Body&& body) {
    static_assert(detail::may_stand_in_co_await<Body>,
                  "GCC 12 destroys this closure twice when it stands inside a co_await expression: name the "
                  "closure first, or "
                  "capture by reference what outlives the await");
    detail::require_body<std::decay_t<Body>>();
    return make_step(name, options, std::decay_t<Body>(std::forward<Body>(body)));
  }

  /// Waits at least that long, from the first time that this step is reached; a restart of the host does not
  /// begin anew. 0 or less: a record and no wait. At most 365 days. Paused time is added.
  [[nodiscard]] Step<void> sleep(std::string_view name, Duration duration);

  /// Waits until that time, which may be in the past. Paused time is not added. At most the year 9999.
  [[nodiscard]] Step<void> sleep_until(std::string_view name, Time time);

  /// Waits for the next event of that type; one that came before is taken first, in the order of arrival.
  /// Each event goes to one wait. Throws `TimeoutError` out of the `co_await` when none has come in time; an
  /// event that comes later stays for the next wait.
  [[nodiscard]] Step<Event> wait_for_event(std::string_view name, const EventOptions& options);

  /// Runs `function` once for each element, side by side, one step each, all under `name`; gives the results
  /// in the order of the elements. `function` and elements are copied in, results come back by value.
  template <std::ranges::input_range Range, class Function>
  [[nodiscard]] auto map(std::string_view name, Range&& elements, Function&& function) {
    return map(name, StepOptions{}, std::forward<Range>(elements), std::forward<Function>(function));
  }

  template <std::ranges::input_range Range, class Function>
  [[nodiscard]] auto map(std::string_view name, const StepOptions& options, Range&& elements,
                         Function&& function) {
    using Element = std::ranges::range_value_t<Range>;
    using Kept = std::decay_t<Function>;
    static_assert(detail::may_stand_in_co_await<Function>,
                  "GCC 12 destroys this closure twice when it stands inside a co_await expression: name the "
                  "closure first, or "
                  "capture by reference what outlives the await");
    static_assert(
        detail::value_may_stand_in_co_await<Range>,
        "GCC 12 destroys this range twice when it stands inside a co_await expression: name the value "
        "first");
    constexpr bool takes_element = std::invocable<Kept&, const Element&> ||
                                   std::invocable<Kept&, const Element&, StepContext&>;
    static_assert(takes_element, "map: the function takes one element, and optionally a StepContext&");
    const auto body_of = [&](const Element& element) {
      return [kept = Kept(function), element](StepContext& context) mutable {
        if constexpr (std::invocable<Kept&, const Element&, StepContext&>) {
          return kept(std::as_const(element), context);
        } else if constexpr (takes_element) {
          return kept(std::as_const(element));
        } else {
          return json{};
        }
      };
    };
    detail::require_body<decltype(body_of(std::declval<const Element&>()))>();
    const auto step_of = [&](const Element& element) { return make_step(name, options, body_of(element)); };
    std::vector<decltype(step_of(std::declval<const Element&>()))> steps;
    for (auto&& element : elements) steps.push_back(step_of(element));
    return all(std::move(steps));
  }

  [[nodiscard]] const std::string& instance_id() const noexcept { return info_.id; }
  [[nodiscard]] const std::string& workflow_name() const noexcept { return info_.workflow; }
  [[nodiscard]] Time created() const noexcept { return info_.created; }

  /// For the engine: the frames that this belongs to.
  [[nodiscard]] detail::FrameTree& tree() const noexcept { return *tree_; }

 private:
  // Throws `Error` (`wrong_thread`) outside workflow code.
  [[nodiscard]] static detail::StepCall new_call(StepKind kind, std::string_view name);

  template <class Body>
  auto make_step(std::string_view name, const StepOptions& options, Body body) {
    using From = detail::BodyFrom<Body>;
    std::shared_ptr<detail::TypedBody<typename From::Result>> kept;
    if constexpr (From::is_sound) kept = std::make_shared<typename From::Type>(std::move(body));
    detail::StepCall call = new_call(StepKind::step, name);
    call.options = options;
    return Step<typename From::Result>{*tree_, std::move(call), std::move(kept)};
  }

  detail::FrameTree* tree_ = nullptr;
  InstanceInfo info_;
};

}  // namespace cairn
