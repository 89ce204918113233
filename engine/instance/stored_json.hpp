#pragma once

#include <cairn/codec.hpp>
#include <cairn/detail/caught.hpp>

#include <string>
#include <string_view>

namespace cairn::engine {

/// A value that the store holds. It was checked when it came in: what does not read now is damage of the
/// store, and `Error` (`store_failed`) says of what.
template <class T>
T stored(const std::string& text, std::string_view what) {
  try {
    return decode<T>(text, what);
  } catch (const Error& damage) {
    throw Error{Errc::store_failed,
                std::string{"the store holds what nobody wrote: "} + detail::what_of(damage)};
  }
}

/// The same for a text that is only passed on: whether it is JSON, without a tree of it.
inline void check_stored(std::string_view text, std::string_view what) {
  if (json::accept(text)) return;
  throw Error{Errc::store_failed, "the store holds what nobody wrote: " + std::string{what} + ": not JSON"};
}

}  // namespace cairn::engine
