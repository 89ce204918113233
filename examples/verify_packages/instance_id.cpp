#include "instance_id.hpp"

#include "digest.hpp"

#include <charconv>
#include <stdexcept>

namespace verify {
namespace {

constexpr std::size_t id_length_max = 100;
constexpr std::string_view audit_prefix = "audit-";

bool stands_for_itself(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
         (character >= '0' && character <= '9') || character == '-';
}

std::string encode(char character) {
  constexpr std::string_view digits = "0123456789abcdef";
  if (stands_for_itself(character)) return {character};
  const auto byte = static_cast<unsigned char>(character);
  return {'_', digits[byte >> 4], digits[byte & 15]};
}

}  // namespace

std::string package_instance_id(std::int64_t audit, std::string_view package) {
  if (audit < 1) throw std::invalid_argument("audits are numbered from 1");
  if (package.empty()) throw std::invalid_argument("a package has a name");

  const std::string number = std::to_string(audit) + "-";
  std::string plain = number;
  for (const char character : package) plain += encode(character);
  if (plain.size() <= id_length_max) return plain;

  const std::string suffix = "_h" + sha256_of(package);
  std::string cut = number;
  for (const char character : package) {
    const std::string code = encode(character);
    if (cut.size() + code.size() + suffix.size() > id_length_max) break;
    cut += code;
  }
  return cut + suffix;
}

std::string audit_instance_id(std::int64_t audit) {
  return std::string{audit_prefix} + std::to_string(audit);
}

std::optional<std::int64_t> audit_number(std::string_view id) {
  if (!id.starts_with(audit_prefix)) return std::nullopt;
  id.remove_prefix(audit_prefix.size());
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (error != std::errc{} || end != id.data() + id.size() || number < 1) return std::nullopt;
  return number;
}

}  // namespace verify
