#pragma once

#include "engine/scheduler/share.hpp"

#include <cairn/store.hpp>

#include <algorithm>
#include <cstddef>

namespace cairn::engine {

/// How much is done in one turn, for which all others wait: work of instances, in the units of `Share`, rows
/// that are read, and instances that begin.
class TurnBudget {
 public:
  struct Limits {
    std::size_t least = 0;   ///< units that an instance may use whenever it goes on
    std::size_t share = 0;   ///< and beyond that
    std::size_t shares = 0;  ///< what all together may use beyond it
    std::size_t rows = 0;    ///< rows of records
    std::size_t begins = 0;  ///< instances that get their slots
  };

  explicit TurnBudget(const Limits& limits) noexcept : limits_(limits) { begin_turn(); }

  void begin_turn() noexcept {
    shares_left_ = limits_.shares;
    rows_left_ = limits_.rows;
    begun_ = 0;
  }

  /// Of an instance that goes on now. What it has used is to be said afterwards.
  [[nodiscard]] Share next_share() const noexcept;
  [[nodiscard]] Share least_share() const noexcept { return Share{limits_.least}; }
  void note_used(const Share& share) noexcept;
  [[nodiscard]] bool has_shares() const noexcept { return shares_left_ > 0; }

  void note_rows(std::size_t rows) noexcept { rows_left_ -= std::min(rows_left_, rows); }
  void note_read(const History& history) noexcept;
  [[nodiscard]] bool has_rows() const noexcept { return rows_left_ > 0; }

  void note_begin() noexcept { ++begun_; }
  /// One in any case.
  [[nodiscard]] bool may_begin() const noexcept {
    return begun_ < limits_.begins && (begun_ == 0 || has_rows());
  }
  [[nodiscard]] bool is_spent() const noexcept { return begun_ >= limits_.begins || !has_rows(); }

 private:
  Limits limits_;
  std::size_t shares_left_ = 0;
  std::size_t rows_left_ = 0;
  std::size_t begun_ = 0;
};

}  // namespace cairn::engine
