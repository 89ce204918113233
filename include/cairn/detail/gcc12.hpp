#pragma once

#include <type_traits>

// g++ before 13 destroys some temporaries twice that are written inside a co_await expression: what is
// refused there. Not for users, who find the rest in docs/workflows.md.
namespace cairn::detail {

#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
inline constexpr bool destroys_twice = true;
#else
inline constexpr bool destroys_twice = false;
#endif

/// Of a callable, as it is given: closures are destroyed twice, and function objects that are aggregates.
template <class Function>
constexpr bool may_stand_in_co_await = !destroys_twice || std::is_lvalue_reference_v<Function> ||
                                       std::is_trivially_destructible_v<std::remove_cvref_t<Function>>;

/// Of any other value: aggregates are, and what has a constructor is not.
template <class Value>
constexpr bool value_may_stand_in_co_await = may_stand_in_co_await<Value> ||
                                             !std::is_aggregate_v<std::remove_cvref_t<Value>>;

}  // namespace cairn::detail
