#pragma once

#include <cairn/time.hpp>

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>

namespace cairn::testing {

/// All that is left to chance in a simulation comes from here, and so from its seed.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_{seed} {}

  /// 0 to `count - 1`.
  std::size_t pick(std::size_t count) { return static_cast<std::size_t>(random_() % count); }
  bool one_in(std::size_t count) { return pick(count) == 0; }
  bool percent(std::size_t chance) { return pick(100) < chance; }
  template <class T, std::size_t Count>
  const T& any_of(const T (&choices)[Count]) {
    return choices[pick(Count)];
  }
  /// From 1 ms to `longest`; short ones as often as long ones.
  Duration span(Duration longest) {
    const auto most = static_cast<std::size_t>(longest.count());
    std::size_t scale = 1;
    while (scale < most && !one_in(8)) scale *= 4;
    return Duration{static_cast<std::int64_t>(1 + pick(scale < most ? scale : most))};
  }
  /// An index of `weights`, as often as its weight says.
  std::size_t weighted(std::span<const std::size_t> weights) {
    std::size_t sum = 0;
    for (const std::size_t weight : weights) sum += weight;
    std::size_t left = pick(sum);
    std::size_t index = 0;
    while (left >= weights[index]) left -= weights[index++];
    return index;
  }
  /// For what wants a generator of its own.
  std::uint64_t number() { return random_(); }

 private:
  std::mt19937_64 random_;
};

}  // namespace cairn::testing
