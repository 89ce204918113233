#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

/// What is fed with bytes of any kind. Each target is a function that returns, or throws when one of its laws
/// is broken; an exception, a crash, a hang and a report of a sanitizer are what a fuzzer looks for.
namespace cairn::fuzz {

using Bytes = std::span<const std::uint8_t>;

/// The bytes as what came over some connections: requests, up to the answers.
void http(Bytes bytes);
/// The bytes as JSON text, as a string, and as params of a typed workflow.
void json_text(Bytes bytes);
void duration(Bytes bytes);
/// The bytes as names of every kind.
void id(Bytes bytes);
void cursor(Bytes bytes);
/// The bytes as a time of ISO 8601.
void time(Bytes bytes);
/// The bytes as damages of a file and its log.
void file(Bytes bytes);

inline std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The first eight bytes as a number; those that are missing are 0.
inline std::uint64_t number_of(Bytes bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8 && i < bytes.size(); ++i) number |= std::uint64_t{bytes[i]} << (8 * i);
  return number;
}

/// No exception that a target expects.
class BrokenLaw : public std::logic_error {
  using logic_error::logic_error;
};

inline void hold(bool law, const std::string& what) {
  if (!law) throw BrokenLaw{what};
}

}  // namespace cairn::fuzz
