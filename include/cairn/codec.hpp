#pragma once

#include <cairn/detail/caught.hpp>
#include <cairn/detail/has_json.hpp>
#include <cairn/error.hpp>
#include <cairn/json.hpp>
#include <cairn/limits.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// Values to JSON text and back. The only public header that brings the whole of nlohmann/json.
///
/// A type takes part as it does with nlohmann: through its `to_json` and `from_json`, which the macro
/// `NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE` writes. The two must be each other's inverse. Every failure is an
/// `Error` (`Errc::invalid_argument`) whose message starts with `field` and the path of the culprit, such as
/// `params.items[3].cents: must be a number, is a string`; a key that is no plain name is quoted, as in
/// `params['unit price']`. So is everything that `from_json` throws, with its text behind `field`, and what
/// `to_json` throws that is no `std::exception`. Other exceptions of a `to_json`, and `std::bad_alloc`, come
/// out as they are.
///
/// A `depth_max` above `json_depth_limit` is held at it.
namespace cairn {

/// The kind of a value in words: `null`, `a boolean`, `a number`, `a string`, `an array`, `an object`.
[[nodiscard]] std::string_view kind_of(const json& value) noexcept;

/// Throws when the value is nested deeper than `depth_max`. To be asked before a tree of unknown origin is
/// copied.
void check_depth(const json& value, std::string_view field, std::size_t depth_max = json_depth_limit);

/// Reads JSON text strictly: one value with nothing behind it, UTF-8 without a byte order mark, no key twice
/// in an object, integers within 64 bits, numbers within a double, nested at most `depth_max` deep. Memory
/// and time are proportional to the length of the text, which the caller bounds.
[[nodiscard]] json parse_json(std::string_view text, std::string_view field = "json",
                              std::size_t depth_max = json_depth_limit);

/// The value as compact JSON text. Refuses what has no such text: NaN and infinities, strings and keys that
/// are not UTF-8, binary values, and what is nested deeper than `depth_max`.
[[nodiscard]] std::string write_json(const json& value, std::string_view field = "value",
                                     std::size_t depth_max = json_depth_limit);

/// The same for a string, without the `json` between.
[[nodiscard]] std::string write_json_string(std::string_view string, std::string_view field = "value");

namespace detail {

// What nlohmann's `get<T>` does with the value, without its result.
using ConversionAttempt = void (*)(const json& value);

// Called inside a catch block: what the failed conversion is to be reported as. An `Error` or a lack of
// memory.
[[nodiscard]] std::exception_ptr conversion_failure(const json& value, std::string_view field,
                                                    ConversionAttempt attempt);
[[nodiscard]] std::exception_ptr encoding_failure(std::string_view field);
// The same for an exception that may be an `Error` that names its field already.
[[nodiscard]] std::exception_ptr decoding_failure(std::string_view field);

// Called inside a catch block: throws the error again, with what the value belongs to behind its message:
// `result.cents: must be a finite number, is NaN (step "charge-1")`. An exception of the host's own type, as
// its `to_json` may throw, is thrown again as it is.
[[noreturn]] void refuse_for(const Error& error, std::string_view kind, std::string_view name);

// Throws when a number of `given` came back as another one in `kept`.
void refuse_losses(const json& given, const json& kept, std::string_view field);

template <class T>
void attempt_conversion(const json& value) {
  (void)value.get<T>();
}

template <class T>
json tree_of(const T& value, std::string_view field) {
  json tree;
  std::exception_ptr failure;
  contain([&] { tree = json(value); }, [&] { failure = encoding_failure(field); });
  if (failure) std::rethrow_exception(failure);
  return tree;
}

template <class T>
T untested(const json& value, std::string_view field) {
  std::optional<T> result;
  std::exception_ptr failure;
  contain([&] { result.emplace(value.get<T>()); },
          [&] { failure = conversion_failure(value, field, &attempt_conversion<T>); });
  if (failure) std::rethrow_exception(failure);
  return *std::move(result);
}

template <class T>
T convert(const json& value, std::string_view field) {
  T result = untested<T>(value, field);
  if constexpr (Encodable<T> && !std::is_same_v<T, std::string>) {
    refuse_losses(value, tree_of(result, field), field);
  }
  return result;
}

}  // namespace detail

/// The value as compact JSON text; see `write_json`. A `json` inside another type is copied by nlohmann
/// before its depth can be checked.
template <class T>
[[nodiscard]] std::string encode(const T& value, std::string_view field = "value",
                                 std::size_t depth_max = json_depth_limit) {
  detail::require_json<T>();
  detail::require_to_json<T>();
  if constexpr (std::is_same_v<T, json>) {
    return write_json(value, field, depth_max);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return write_json_string(value, field);
  } else if constexpr (detail::to_tree<T>) {
    return write_json(detail::tree_of(value, field), field, depth_max);
  } else {
    detail::refused();
  }
}

namespace detail {

// `encode`, whose refusals say what the value belongs to.
template <class T>
std::string encode_for(const T& value, std::string_view field, std::string_view kind, std::string_view name,
                       std::size_t depth_max = json_depth_limit) {
  try {
    return encode<T>(value, field, depth_max);
  } catch (const Error& error) {
    refuse_for(error, kind, name);
  }
}

}  // namespace detail

/// Converts with `from_json`, and finds out which member was at fault when that fails.
///
/// Also refuses what nlohmann would alter without a word: a fraction read into an integer, an integer or a
/// boolean read into a type that cannot hold it. That is found by encoding the result again, so types without
/// `to_json` go unchecked. A `json` is kept as it came.
template <class T>
[[nodiscard]] T from_json_checked(const json& value, std::string_view field = "value",
                                  std::size_t depth_max = json_depth_limit) {
  detail::require_json<T>();
  detail::require_from_json<T>();
  check_depth(value, field, depth_max);
  if constexpr (std::is_same_v<T, json>) {
    return value;
  } else if constexpr (detail::from_tree<T>) {
    return detail::convert<T>(value, field);
  } else {
    detail::refused();
  }
}

/// `parse_json`, then `from_json_checked`.
template <class T>
[[nodiscard]] T decode(std::string_view text, std::string_view field = "value",
                       std::size_t depth_max = json_depth_limit) {
  detail::require_json<T>();
  detail::require_from_json<T>();
  json value = parse_json(text, field, depth_max);
  if constexpr (std::is_same_v<T, json>) {
    return value;
  } else if constexpr (detail::from_tree<T>) {
    return detail::convert<T>(value, field);
  } else {
    detail::refused();
  }
}

}  // namespace cairn
