#include "values/utf8.hpp"

#include <cairn/id.hpp>

#include <cstdint>
#include <cstring>

namespace cairn {
namespace values {
namespace {

// Length of the well-formed sequence at `at` (Unicode 15, table 3-7), or 0. `left` bytes can be read.
std::size_t sequence_length(const unsigned char* at, std::size_t left) noexcept {
  const unsigned char lead = at[0];
  if (lead < 0x80) return 1;
  std::size_t length = 0;
  unsigned char least = 0x80;
  unsigned char most = 0xbf;
  if (lead >= 0xc2 && lead <= 0xdf) {
    length = 2;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    length = 3;
    if (lead == 0xe0) least = 0xa0;  // shorter forms exist
    if (lead == 0xed) most = 0x9f;   // surrogates
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    length = 4;
    if (lead == 0xf0) least = 0x90;  // shorter forms exist
    if (lead == 0xf4) most = 0x8f;   // above U+10FFFF
  }
  if (length == 0 || length > left || at[1] < least || at[1] > most) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (at[i] < 0x80 || at[i] > 0xbf) return 0;
  }
  return length;
}

}  // namespace

std::size_t find_invalid_utf8(std::string_view bytes) noexcept {
  constexpr std::uint64_t high_bits = 0x8080808080808080;
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (bytes.size() - at >= sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, data + at, sizeof(word));
      if ((word & high_bits) == 0) {
        at += sizeof(word);
        continue;
      }
    }
    const std::size_t length = sequence_length(data + at, bytes.size() - at);
    if (length == 0) return at;
    at += length;
  }
  return std::string_view::npos;
}

}  // namespace values

bool is_utf8(std::string_view bytes) noexcept {
  return values::find_invalid_utf8(bytes) == std::string_view::npos;
}

}  // namespace cairn
