#pragma once

#include <cairn/json.hpp>

#include <nlohmann/json.hpp>

#include <string_view>
#include <type_traits>

// What the compiler says of a type that has no JSON. Not for users.
//
// A function says its sentence once for each type, and whoever asks again finds it said. What would not
// compile behind it is left out by `if constexpr`: nothing buries the sentence.
namespace cairn::detail {

template <class T>
concept Encodable = requires(json& out, const T& value) {
  json::json_serializer<T, void>::to_json(out, value);
};

template <class T>
inline constexpr bool owns = !std::is_pointer_v<T> && !std::is_reference_v<T> &&
                             !std::is_same_v<T, std::string_view>;

/// Whether nlohmann makes a tree of it.
template <class T>
inline constexpr bool to_tree = std::is_constructible_v<json, const T&>;
template <>
inline constexpr bool to_tree<void> = true;
template <>
inline constexpr bool to_tree<json> = true;

/// Whether nlohmann makes it of a tree.
template <class T>
inline constexpr bool from_tree = owns<T>&& requires(const json& tree) {
  tree.get<T>();
};
template <>
inline constexpr bool from_tree<void> = true;
template <>
inline constexpr bool from_tree<json> = true;

/// The same, where the value is there before.
template <class T>
inline constexpr bool filled_from_tree = owns<T>&& requires(const json& tree, T& value) {
  json::json_serializer<T, void>::from_json(tree, value);
};
template <>
inline constexpr bool filled_from_tree<void> = false;
template <>
inline constexpr bool filled_from_tree<json> = true;

template <class T>
inline constexpr bool has_json = to_tree<T> || from_tree<T> || filled_from_tree<T>;

/// Says that JSON does not know the type at all.
template <class T>
constexpr void require_json() {
  constexpr bool known_as_struct = has_json<T> || !std::is_aggregate_v<T>;
  static_assert(known_as_struct,
                "cairn keeps values as JSON, and this struct has none: write "
                "NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Type, member, ...) behind it, in its namespace");
  constexpr bool known = has_json<T> || std::is_aggregate_v<T>;
  static_assert(
      known,
      "cairn keeps values as JSON, which does not know this type, or one that it holds: use a number, "
      "a string or a struct instead, or give it to_json and from_json (nlohmann::adl_serializer)");
}

/// Says why it cannot be written, if JSON knows it.
template <class T>
constexpr void require_to_json() {
  constexpr bool written = to_tree<T> || !has_json<T>;
  static_assert(written, "this type has a from_json alone, and is to be written as well: give it a to_json");
}

/// Says why it cannot be read, if JSON knows it.
template <class T>
constexpr void require_from_json() {
  static_assert(owns<T>, "decode into a type that owns its data, such as std::string");
  constexpr bool made = from_tree<T> || !filled_from_tree<T>;
  static_assert(
      made,
      "a from_json(json, value) fills a value that is there: give the type a default constructor, or "
      "a nlohmann::adl_serializer whose from_json(json) returns it");
  constexpr bool read = from_tree<T> || filled_from_tree<T> || !owns<T> || !has_json<T>;
  static_assert(read, "this type has a to_json alone, and is to be read as well: give it a from_json");
}

/// Stands for what is left out behind a sentence. Never defined: nothing that calls it compiles.
[[noreturn]] void refused();

}  // namespace cairn::detail
