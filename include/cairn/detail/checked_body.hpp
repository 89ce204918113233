#pragma once

#include <cairn/detail/body.hpp>
#include <cairn/detail/has_json.hpp>
#include <cairn/task.hpp>

#include <concepts>
#include <type_traits>

// What the compiler says of a body that is none, as <cairn/detail/has_json.hpp> does of types. Not for users.
namespace cairn::detail {

/// What a body may seem to return: the value that was meant, so that whoever takes it is not refused as well.
template <class Return>
struct MeantBy {
  static constexpr bool is_workflow_code = false;
  static constexpr bool is_awaitable = false;
  using Type = std::remove_cvref_t<Return>;
};
template <class T>
struct MeantBy<Task<T>> : MeantBy<T> {
  static constexpr bool is_workflow_code = true;
};
template <class T>
struct MeantBy<Step<T>> : MeantBy<Task<T>> {};
template <class... T>
struct MeantBy<All<T...>> : MeantBy<Task<json>> {};
template <class T>
struct MeantBy<AllOf<T>> : MeantBy<Task<json>> {};
/// As `boost::asio::awaitable` looks without its header.
template <class Return>
requires(requires {
  typename Return::value_type;
  typename Return::executor_type;
} && !to_tree<Return>) struct MeantBy<Return> : MeantBy<typename Return::value_type> {
  static constexpr bool is_awaitable = true;
};

template <class Function>
concept IsBody = std::invocable<Function&> || std::invocable<Function&, StepContext&>;

/// The body that is made of a callable.
template <class Function>
struct BodyFrom {
  static constexpr bool is_value = true;
  static constexpr bool is_known = true;
  static constexpr bool ends_quietly = true;
  static constexpr bool is_sound = false;
  using Result = json;
};
template <IsBody Function>
struct BodyFrom<Function> {
 private:
  using Return = BodyReturn<Function>;
  using Meant = MeantBy<Return>;
  using Made = BodyOf<Return>;

 public:
  using Result = typename Meant::Type;
  using Type = typename Made::template Type<Function>;

  static constexpr bool is_value = !Meant::is_workflow_code;
  static constexpr bool is_known = !Meant::is_awaitable || !std::is_same_v<Return, typename Made::Result>;
  static constexpr bool ends_quietly = std::is_void_v<Result> || std::is_nothrow_destructible_v<Result>;
  static constexpr bool is_sound = is_value && is_known && std::is_nothrow_destructible_v<Function> &&
                                   ends_quietly && to_tree<Result> && from_tree<Result>;
};

/// Says what is wrong with it.
template <class Function>
constexpr void require_body() {
  constexpr bool is_body = IsBody<Function>;
  static_assert(is_body, "a body is R() or R(StepContext&)");
  constexpr bool is_value = BodyFrom<Function>::is_value;
  static_assert(is_value,
                "a body is no workflow code and returns its value: await this Task, or what all() or another "
                "step has given, in the workflow itself, outside of a step");
  constexpr bool is_known = BodyFrom<Function>::is_known;
  static_assert(is_known,
                "a body that is a coroutine of Boost.Asio needs its header: #include <cairn/asio.hpp>");
  static_assert(std::is_nothrow_destructible_v<Function>,
                "the destructor of a body must not throw: it is destroyed by the engine");
  constexpr bool ends_quietly = BodyFrom<Function>::ends_quietly;
  static_assert(ends_quietly,
                "the destructor of a step's result must not throw: it is destroyed by the engine");
  using Result = typename BodyFrom<Function>::Result;
  require_json<Result>();
  require_to_json<Result>();
  require_from_json<Result>();
}

}  // namespace cairn::detail
