#pragma once

#include <cairn/codec.hpp>

#include <cstddef>
#include <string>
#include <string_view>

// What nlohmann says of a conversion that failed, taken apart.
namespace cairn::detail {

struct Failure {
  int id = 0;         // nlohmann's number; 0: another exception
  std::string stem;   // its text, without the kind of value that was found
  std::string found;  // nlohmann's name of that kind, such as `number`
  bool operator==(const Failure&) const = default;
};

constexpr int wrong_kind = 302;       // type must be X, but is Y
constexpr int wrong_container = 304;  // cannot use at() with Y
constexpr int no_operator = 305;      // cannot use operator[] with a string argument with Y
constexpr int no_value = 306;         // cannot use value() with Y
constexpr int too_short = 401;        // array index 2 is out of range
constexpr int lacks_key = 403;        // key 'card' not found

[[nodiscard]] Failure describe(const json::exception& error);
// Of the exception that is being handled.
[[nodiscard]] Failure describe_current_exception();

[[nodiscard]] std::string_view needed_kind(const Failure& failure);
[[nodiscard]] std::string_view missing_key(const Failure& failure);
[[nodiscard]] std::size_t missing_index(const Failure& failure);

}  // namespace cairn::detail
