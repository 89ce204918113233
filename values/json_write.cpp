#include "values/json_path.hpp"
#include "values/utf8.hpp"

#include <cairn/codec.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace cairn {
namespace {

using values::JsonPath;

// Bytes of a word as if each stood alone: the high bit of a byte is set where it is below `limit` (at most
// 128) or equal to `byte`. Only for words without high bits.
constexpr std::uint64_t all_bytes(std::uint64_t byte) {
  return byte * 0x0101010101010101;
}
constexpr std::uint64_t below(std::uint64_t word, std::uint64_t limit) {
  return ~(word + all_bytes(0x80 - limit));
}
constexpr std::uint64_t equal_to(std::uint64_t word, char byte) {
  return below(word ^ all_bytes(static_cast<unsigned char>(byte)), 1);
}

// Position of the first byte from `at` on that JSON wants escaped, or the size.
std::size_t find_escaped(std::string_view string, std::size_t at) {
  constexpr std::uint64_t high_bits = all_bytes(0x80);
  for (; string.size() - at >= sizeof(std::uint64_t); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, string.data() + at, sizeof word);
    const std::uint64_t found = below(word, 0x20) | equal_to(word, '"') | equal_to(word, '\\');
    if (((word | found) & high_bits) != 0) break;
  }
  for (; at < string.size(); ++at) {
    const char c = string[at];
    if (static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\') break;
  }
  return at;
}

// Writes a tree without recursion, so that no depth can overflow the stack, and checks it on the way.
class Writer {
 public:
  Writer(std::string_view field, std::size_t depth_max) : field_(field), depth_max_(depth_max) {}

  std::string write(std::string_view string) {
    write_string(string, "must be UTF-8");
    return std::move(text_);
  }

  std::string write(const json& value) {
    write_value(value);
    while (!open_.empty()) {
      Level& level = open_.back();
      if (level.container->is_array()) {
        const auto& elements = level.container->get_ref<const json::array_t&>();
        if (level.begun) ++level.index;
        if (level.index == elements.size()) {
          close(']');
        } else {
          if (level.begun) text_ += ',';
          level.begun = true;
          write_value(elements[level.index]);
        }
      } else {
        const auto& members = level.container->get_ref<const json::object_t&>();
        if (level.begun) ++level.member;
        if (level.member == members.end()) {
          close('}');
        } else {
          if (level.begun) text_ += ',';
          level.begun = true;
          write_string(level.member->first, "must have keys in UTF-8");
          text_ += ':';
          write_value(level.member->second);
        }
      }
    }
    return std::move(text_);
  }

 private:
  struct Level {
    const json* container;
    std::size_t index = 0;                       // in an array
    json::object_t::const_iterator member = {};  // in an object
    bool begun = false;
  };

  void write_value(const json& value) {
    switch (value.type()) {
      case json::value_t::null:
        text_ += "null";
        break;
      case json::value_t::boolean:
        text_ += value.get_ref<const bool&>() ? "true" : "false";
        break;
      case json::value_t::number_integer:
        write_number(value.get_ref<const std::int64_t&>());
        break;
      case json::value_t::number_unsigned:
        write_number(value.get_ref<const std::uint64_t&>());
        break;
      case json::value_t::number_float:
        write_float(value.get_ref<const double&>());
        break;
      case json::value_t::string:
        write_string(value.get_ref<const std::string&>(), "must be UTF-8");
        break;
      case json::value_t::array:
        enter('[');
        open_.push_back({.container = &value});
        break;
      case json::value_t::object:
        enter('{');
        open_.push_back({.container = &value, .member = value.get_ref<const json::object_t&>().begin()});
        break;
      case json::value_t::binary:
      case json::value_t::discarded:
        refuse("must be a JSON value, is " + std::string{kind_of(value)});
    }
  }

  template <class Number>
  void write_number(Number number) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    text_.append(digits.data(), end);
  }

  void write_float(double number) {
    if (std::isnan(number)) refuse("must be a finite number, is NaN");
    if (std::isinf(number)) refuse("must be a finite number, is infinite");
    const std::size_t start = text_.size();
    write_number(number);
    // A float stays a float when it is read again.
    if (text_.find_first_of(".e", start) == std::string::npos) text_ += ".0";
  }

  void write_string(std::string_view string, std::string_view rule) {
    if (const std::size_t at = values::find_invalid_utf8(string); at != std::string_view::npos) {
      refuse(std::string{rule} + "; the byte at " + std::to_string(at) + " does not fit");
    }
    text_.reserve(text_.size() + string.size() + 2);
    text_ += '"';
    for (std::size_t done = 0;;) {
      const std::size_t escaped = find_escaped(string, done);
      text_.append(string, done, escaped - done);
      if (escaped == string.size()) break;
      write_escape(string[escaped]);
      done = escaped + 1;
    }
    text_ += '"';
  }

  void write_escape(char c) {
    static constexpr std::string_view digits = "0123456789abcdef";
    switch (c) {
      case '"':
        text_ += "\\\"";
        break;
      case '\\':
        text_ += "\\\\";
        break;
      case '\b':
        text_ += "\\b";
        break;
      case '\f':
        text_ += "\\f";
        break;
      case '\n':
        text_ += "\\n";
        break;
      case '\r':
        text_ += "\\r";
        break;
      case '\t':
        text_ += "\\t";
        break;
      default:
        text_ += "\\u00";
        text_ += digits[static_cast<unsigned char>(c) >> 4];
        text_ += digits[static_cast<unsigned char>(c) & 0x0f];
    }
  }

  void enter(char bracket) {
    if (open_.size() == depth_max_) {
      open_.clear();
      refuse(values::deeper_than(depth_max_));
    }
    text_ += bracket;
  }

  void close(char bracket) {
    text_ += bracket;
    open_.pop_back();
  }

  [[noreturn]] void refuse(std::string_view rule) const {
    JsonPath path;
    for (const Level& level : open_) {
      if (level.container->is_array()) {
        path.push_back({.index = level.index});
      } else {
        path.push_back({.key = &level.member->first});
      }
    }
    throw values::invalid(field_, path, rule);
  }

  std::string_view field_;
  std::size_t depth_max_;
  std::string text_;
  std::vector<Level> open_;
};

}  // namespace

std::string write_json_string(std::string_view string, std::string_view field) {
  return Writer{field, json_depth_limit}.write(string);
}

std::string write_json(const json& value, std::string_view field, std::size_t depth_max) {
  return Writer{field, std::min(depth_max, json_depth_limit)}.write(value);
}

}  // namespace cairn
