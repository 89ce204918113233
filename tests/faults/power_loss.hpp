#pragma once

#include "tests/counts.hpp"
#include "tests/faults/recording.hpp"
#include "tests/storage/store_fixture.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cairn::testing {

/// Lets the power fail during a recording, and looks at what the next owner finds: exactly the groups that
/// were acknowledged, or one more that was being written, row by row, in a sound file.
class PowerLoss {
 public:
  /// Of the states of each loss, every `stride`-th is looked at.
  PowerLoss(const Recording& recording, unsigned seed, std::uint64_t stride = fault_stride())
      : stride_{stride}, recording_{recording}, random_{seed}, turn_{seed} {}

  /// From an operation on, at each, with each loss of these in turn; those that chance decides so many times.
  void fail_everywhere(std::span<const Loss> losses, std::size_t from = 0, std::size_t draws = 1);
  /// From an operation on, at each, with so many losses, one after the other.
  void fail_in_turn(std::size_t from, std::size_t losses_each);
  /// At every `stride`-th operation the program dies, or the power fails; and the power fails (again) at
  /// every operation of the next owner, which opens the file and closes it.
  void fail_again(std::size_t stride);

  /// Different states that were looked at.
  [[nodiscard]] std::size_t states() const;
  [[nodiscard]] const std::map<Loss, std::size_t>& states_by_loss() const { return states_; }

 private:
  void carry_out(std::size_t index);
  void fail(Loss loss);
  [[nodiscard]] Loss next_loss();
  [[nodiscard]] bool is_about_to_flush_the_log(std::size_t index) const;
  void fail_in_recovery(Loss first);
  void look(const Image& image);
  [[nodiscard]] bool is_new(const Image& image);

  const std::uint64_t stride_;
  const Recording& recording_;
  std::mt19937 random_;
  Disk disk_;
  Folder folder_;
  std::set<std::size_t> seen_;
  std::set<std::string> sound_;  // contents that the checker has seen
  std::map<Loss, std::size_t> found_;
  std::map<Loss, std::size_t> states_;
  std::int64_t acknowledged_ = 0;
  std::size_t at_ = 0;
  std::size_t turn_ = 0;  // of the losses that come one after the other
};

/// The counts as words, such as "nothing 12, everything 7".
[[nodiscard]] std::string in_words(const std::map<Loss, std::size_t>& states);

}  // namespace cairn::testing
