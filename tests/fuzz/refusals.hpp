#pragma once

#include "tests/fuzz/targets.hpp"

#include <cairn/error.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::fuzz {

/// What `call` returns; nothing when it refuses its input, which it must do with a message that begins with
/// the name of the field, says the rule, and may be shown anywhere.
template <class Call>
auto unless_refused(std::string_view field, Call&& call) -> std::optional<decltype(call())> {
  try {
    return call();
  } catch (const Error& refusal) {
    const std::string message = refusal.what();
    hold(refusal.code() == Errc::invalid_argument, "refused as something else: " + message);
    hold(message.starts_with(field), "does not name its field: " + message);
    hold(message.size() > field.size() && message.size() <= 700, "says no rule: " + message);
    hold(std::ranges::all_of(message, [](char c) { return c >= 0x20 && c <= 0x7e; }),
         "cannot be shown: " + message);
    return std::nullopt;
  }
}

}  // namespace cairn::fuzz
