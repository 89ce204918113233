#pragma once

#include <cairn/json_text.hpp>
#include <cairn/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// JSON that is written as it goes, by appending. Big answers never exist as a tree.
namespace cairn::api {

/// A string with its quotes. What is not UTF-8 is written as `?`.
void append_string(std::string& out, std::string_view text);
void append_number(std::string& out, std::int64_t number);
/// `true`, `false`, or `null` for nothing.
void append_bool(std::string& out, std::optional<bool> value);
/// ISO 8601 in quotes, or `null` for nothing.
void append_time(std::string& out, std::optional<Time> time);
/// `null` for nothing.
void append_json(std::string& out, const std::optional<JsonText>& value);

/// Foreign text fit for a message: between single quotes, cut after 40 characters, and `?` for what is not
/// printable ASCII.
std::string excerpt(std::string_view text);

/// The path of a member, as every message has it: `parent.name`, or `parent['name']` where that is no plain
/// name. The parent may be empty.
std::string member_of(std::string_view parent, std::string_view name);

}  // namespace cairn::api
