#pragma once

#include <cairn/json.hpp>
#include <cairn/task.hpp>

#include <cstddef>
#include <type_traits>

// What a workflow function takes and returns, and what the compiler says when it is none. Not for users.
namespace cairn {

class Context;

namespace detail {

template <class Return>
struct OutputOf {
  static constexpr bool is_task = false;
  using Type = Return;
};
template <class Out>
struct OutputOf<Task<Out>> {
  static constexpr bool is_task = true;
  using Type = Out;
};

/// Behind the context. Of several: what any braces convert to.
template <class... Parameter>
struct InputOf {
  static constexpr bool is_value = true;
  using Type = json;
};
template <>
struct InputOf<> {
  static constexpr bool is_value = true;
  using Type = void;
};
template <class Parameter>
struct InputOf<Parameter> {
  static constexpr bool is_value = !std::is_reference_v<Parameter>;
  using Type = std::remove_cvref_t<Parameter>;
};

template <class... Parameter>
struct Parameters {
  static constexpr bool begins_with_context = false;
  static constexpr std::size_t inputs = sizeof...(Parameter);
  using Input = InputOf<Parameter...>;
};
template <class First, class... Rest>
requires std::is_same_v<Context, std::remove_cvref_t<std::remove_pointer_t<First>>>
struct Parameters<First, Rest...> {
  // One that is copied says so itself.
  static constexpr bool begins_with_context = std::is_same_v<First, Context&> ||
                                              std::is_same_v<First, Context>;
  static constexpr std::size_t inputs = sizeof...(Rest);
  using Input = InputOf<Rest...>;
};

/// Anything but one function: it may be overloaded, or generic.
struct NoCall {
  static constexpr bool is_call = false;
  static constexpr bool is_const = true;
  using Output = OutputOf<Task<json>>;
  using Taken = Parameters<Context&, json>;
};
template <bool constant, class Return, class... Parameter>
struct Call {
  static constexpr bool is_call = true;
  static constexpr bool is_const = constant;
  using Output = OutputOf<Return>;
  using Taken = Parameters<Parameter...>;
};

template <class Function>
struct CallOf : NoCall {};
template <class Return, class... Parameter, bool nothrow>
struct CallOf<Return (*)(Parameter...) noexcept(nothrow)> : Call<true, Return, Parameter...> {};
template <class Class, class Return, class... Parameter, bool nothrow>
struct CallOf<Return (Class::*)(Parameter...) noexcept(nothrow)> : Call<false, Return, Parameter...> {};
template <class Class, class Return, class... Parameter, bool nothrow>
struct CallOf<Return (Class::*)(Parameter...) const noexcept(nothrow)> : Call<true, Return, Parameter...> {};
template <class Function>
requires requires {
  &Function::operator();
}
struct CallOf<Function> : CallOf<decltype(&Function::operator())> {};

/// In and Out of a workflow function.
template <class Function>
struct Signature {
  using Called = CallOf<Function>;
  using Taken = typename Called::Taken;
  using In = typename Taken::Input::Type;
  using Output = typename Called::Output::Type;

  static constexpr bool takes_value = !Taken::begins_with_context || Taken::Input::is_value;
  static constexpr bool is_sound = Called::is_call && Called::is_const && Called::Output::is_task &&
                                   Taken::begins_with_context && Taken::inputs <= 1 && takes_value;
};

/// Says what is wrong with it.
template <class Function>
constexpr void require_signature() {
  using Called = typename Signature<Function>::Called;
  constexpr bool is_call = Called::is_call;
  static_assert(is_call,
                "a workflow is one function or callable object, neither overloaded nor generic: "
                "Task<Out>(Context&) or Task<Out>(Context&, In)");
  constexpr bool is_const = Called::is_const;
  static_assert(is_const,
                "the call operator of a workflow must be const, as its instances run side by side: leave out "
                "the `mutable`");
  constexpr bool is_task = Called::Output::is_task;
  static_assert(is_task,
                "a workflow is a coroutine that returns cairn::Task<Out>: Task<Out>(Context&) or "
                "Task<Out>(Context&, In)");
  constexpr bool takes_context = Called::Taken::begins_with_context;
  static_assert(
      takes_context,
      "a workflow takes its Context first, by reference: Task<Out>(Context&) or Task<Out>(Context&, "
      "In)");
  constexpr bool takes_one = Called::Taken::inputs <= 1;
  static_assert(takes_one,
                "a workflow takes one input at most: put the values into a struct, Task<Out>(Context&, In)");
  constexpr bool takes_value = Signature<Function>::takes_value;
  static_assert(takes_value,
                "a workflow function takes its input by value: the caller's object is gone after a crash");
}

}  // namespace detail
}  // namespace cairn
