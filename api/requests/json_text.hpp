#pragma once

#include <cairn/json_text.hpp>

#include <optional>
#include <string_view>

/// Parts of a JSON text, as their bytes came. For text that has been parsed: it is known to be JSON.
namespace cairn::api {

/// The value itself, without the blanks around it.
[[nodiscard]] JsonText whole_text(std::string_view text);

/// The value of a member of an object, which has each key once; nothing when it has no such member.
[[nodiscard]] std::optional<JsonText> member_text(std::string_view object, std::string_view key);

}  // namespace cairn::api
