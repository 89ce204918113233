#pragma once

#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>
#include <type_traits>

namespace cairn::testing {

/// What happened, as a hash; in words when somebody reads along.
class Trace {
 public:
  explicit Trace(bool aloud = false) : aloud_{aloud} {}

  /// Numbers, enumerators and texts.
  template <class... Parts>
  void note(const Parts&... parts) {
    (mix(parts), ...);
    if (!aloud_) return;
    ((std::cout << readable(parts) << ' '), ...);
    std::cout << '\n';
  }
  [[nodiscard]] std::uint64_t hash() const { return hash_; }

 private:
  template <class Part>
  static auto readable(const Part& part) {
    if constexpr (std::is_enum_v<Part>) {
      return static_cast<int>(part);
    } else if constexpr (std::is_integral_v<Part>) {
      return part;
    } else {
      return std::string_view{part};
    }
  }

  // FNV-1a, byte by byte.
  template <class Part>
  void mix(const Part& part) {
    const auto value = readable(part);
    if constexpr (std::is_integral_v<decltype(value)>) {
      auto bits = static_cast<std::uint64_t>(value);
      for (int byte = 0; byte < 8; ++byte, bits >>= 8) mix_byte(bits & 0xff);
    } else {
      for (const char letter : value) mix_byte(static_cast<unsigned char>(letter));
    }
  }
  void mix_byte(std::uint64_t byte) { hash_ = (hash_ ^ byte) * 0x100000001b3; }

  bool aloud_;
  std::uint64_t hash_ = 0xcbf29ce484222325;
};

}  // namespace cairn::testing
