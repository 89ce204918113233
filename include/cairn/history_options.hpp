#pragma once

#include <cairn/step.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace cairn {

/// A step by what it is known as.
struct StepName {
  StepKind kind = StepKind::step;
  std::string name = {};  ///< without the counter
  std::int32_t count = 1;
};

/// How much of a history a reader wants. What is left out is not read, and empty.
struct HistoryOptions {
  static constexpr std::size_t all = static_cast<std::size_t>(-1);

  bool steps = true;   ///< false: they are counted
  bool events = true;  ///< false: they are counted
  /// This step alone, with no other, and nothing of the instance but its row.
  std::optional<StepName> step = std::nullopt;
  /// Of the output of each step, in Unicode code points; of a longer one the rest is left out, and `cut`
  /// set.
  std::size_t output_characters = all;
  /// Of the outputs of all steps together, in their order: of a step that begins when so many have been read,
  /// the output is left out, and `cut` set.
  std::size_t output_bytes = all;
  /// What the history may take in memory, about: its texts and its rows. Throws `too_large` as soon as it
  /// would be more.
  std::size_t bytes_max = all;
};

}  // namespace cairn
