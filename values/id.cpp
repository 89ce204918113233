#include "values/excerpt.hpp"
#include "values/utf8.hpp"

#include <cairn/error.hpp>
#include <cairn/id.hpp>

#include <algorithm>
#include <cstddef>

namespace cairn {
namespace {

constexpr auto word_characters = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"}) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

constexpr bool is_word_character(char c) {
  return word_characters[static_cast<unsigned char>(c)];
}

constexpr bool is_lower_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

[[noreturn]] void refuse(std::string_view field, const std::string& rule, const std::string& got) {
  throw Error{Errc::invalid_argument, std::string{field} + ": " + rule + "; got " + got};
}

std::string byte_at(std::string_view text, std::size_t at) {
  return values::quoted(text.substr(at, 1)) + " at position " + std::to_string(at);
}

void check_word(std::string_view word, std::string_view field, std::size_t length_max) {
  const auto refuse_word = [&](const std::string& got) {
    refuse(field,
           "must be 1 to " + std::to_string(length_max) +
               " characters of A-Z a-z 0-9 _ -, not starting with '-'",
           got);
  };
  if (word.empty() || word.size() > length_max) refuse_word(std::to_string(word.size()) + " characters");
  const auto stranger = std::find_if_not(word.begin(), word.end(), is_word_character);
  if (stranger != word.end()) refuse_word(byte_at(word, static_cast<std::size_t>(stranger - word.begin())));
  if (word.front() == '-') refuse_word(byte_at(word, 0));
}

bool has_reserved_form(std::string_view id) {
  constexpr std::string_view prefix = "cf_";
  constexpr std::size_t digits = 64;
  return id.size() == prefix.size() + digits && id.starts_with(prefix) &&
         std::all_of(id.begin() + prefix.size(), id.end(), is_lower_hex);
}

// Position of the first control character (Unicode category Cc) in valid UTF-8, or npos.
std::size_t find_control_character(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 = byte == 0xc2 && static_cast<unsigned char>(text[i + 1]) < 0xa0;  // U+0080 to U+009F
    if (byte < 0x20 || byte == 0x7f || c1) return i;
  }
  return std::string_view::npos;
}

// Each byte as two hexadecimal digits.
constexpr auto hex = [] {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<char, 512> table{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    table[2 * byte] = digits[byte >> 4];
    table[2 * byte + 1] = digits[byte & 0x0f];
  }
  return table;
}();

std::string write_uuid(const Uuid& uuid) {
  std::string text(36, '-');
  char* at = text.data();
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) ++at;
    *at++ = hex[2 * std::size_t{uuid[i]}];
    *at++ = hex[2 * std::size_t{uuid[i]} + 1];
  }
  return text;
}

void set_version(Uuid& uuid, unsigned version) {
  uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0fU) | (version << 4));
  uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3fU) | 0x80U);
}

}  // namespace

void check_instance_id(std::string_view id, std::string_view field) {
  check_word(id, field, 100);
  if (id == "batch" || id == "terminate" || id == "terminateAll") {
    refuse(field, "must not be one of the reserved words batch, terminate, terminateAll", values::quoted(id));
  }
  if (has_reserved_form(id)) {
    refuse(field, "must not be 'cf_' followed by 64 lower-case hexadecimal digits, which is reserved",
           values::quoted(id, 12));
  }
}

void check_workflow_name(std::string_view name, std::string_view field) {
  check_word(name, field, 64);
}

void check_event_type(std::string_view type, std::string_view field) {
  check_word(type, field, 100);
}

void check_version_tag(std::string_view tag, std::string_view field) {
  const std::string rule = "must be 1 to 100 characters of printable ASCII";
  if (tag.empty() || tag.size() > 100) refuse(field, rule, std::to_string(tag.size()) + " bytes");
  const auto stranger = std::find_if(tag.begin(), tag.end(), [](char c) { return c < 0x20 || c > 0x7e; });
  if (stranger != tag.end()) {
    refuse(field, rule, byte_at(tag, static_cast<std::size_t>(stranger - tag.begin())));
  }
}

void check_step_name(std::string_view name, std::string_view field) {
  const std::string rule = "must be at most 256 bytes of UTF-8 without control characters";
  if (name.size() > 256) refuse(field, rule, std::to_string(name.size()) + " bytes");
  std::size_t stranger = values::find_invalid_utf8(name);
  if (stranger == std::string_view::npos) stranger = find_control_character(name);
  if (stranger != std::string_view::npos) refuse(field, rule, byte_at(name, stranger));
}

std::string make_uuid_v7(Time now, std::uint16_t sequence, const Uuid& random) {
  constexpr std::int64_t ms_max = (std::int64_t{1} << 48) - 1;
  const auto ms = static_cast<std::uint64_t>(
      std::clamp<std::int64_t>(now.time_since_epoch().count(), 0, ms_max));
  Uuid uuid = random;
  for (std::size_t i = 0; i < 6; ++i) uuid[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  uuid[6] = static_cast<std::uint8_t>(sequence >> 8);
  uuid[7] = static_cast<std::uint8_t>(sequence);
  set_version(uuid, 7);
  return write_uuid(uuid);
}

std::string make_uuid_v4(const Uuid& random) {
  Uuid uuid = random;
  set_version(uuid, 4);
  return write_uuid(uuid);
}

}  // namespace cairn
