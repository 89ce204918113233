#pragma once

#include <cairn/codec.hpp>
#include <cairn/error.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string_view>

namespace cairn::values {

/// So much of a foreign message stands in ours.
inline constexpr std::size_t message_excerpt = 200;

/// A message of nlohmann's without its number.
std::string_view without_id(std::string_view text);

}  // namespace cairn::values

namespace cairn::detail {

/// The error that names the culprit in `value`, whose conversion by `attempt` has failed with `error`.
Error explain(const json::exception& error, const json& value, std::string_view field,
              ConversionAttempt attempt);

}  // namespace cairn::detail
