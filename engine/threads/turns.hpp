#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>

namespace cairn::engine {

/// Number of a turn. Each has its own, and they only rise.
using TurnNumber = std::uint64_t;

/// Who takes the next turn: the one rule by which nothing that was brought is left, and nobody who waits is
/// forgotten.
///
/// Callers bring something and wait for the end of the turn that takes it; one of them takes that turn for
/// all (leads). How many of them wait stands only in the states in which somebody leads, or has been told to:
/// that callers wait while nobody leads cannot be written down. A caller waits for its turn by number, so it
/// cannot mistake one turn for another, however late it wakes up.
///
/// What nobody waits for is the keeper's: the one who looks after the time.
///
/// Knows no thread: its owner has a lock, and wakes whom it names. Not thread-safe.
class Turns {
 public:
  /// Whom to wake. Nothing may be left out.
  enum class Wake {
    nobody,
    caller,  ///< one of those who wait for `coming()`: whoever looks first has the lead
    keeper,
  };

  /// The turn that takes what is brought now.
  [[nodiscard]] TurnNumber coming() const noexcept { return coming_; }
  [[nodiscard]] bool is_led() const noexcept { return std::holds_alternative<Led>(lead_); }
  [[nodiscard]] bool is_over(TurnNumber turn) const noexcept { return turn <= over_; }
  /// How many wait for the coming turn.
  [[nodiscard]] std::size_t callers() const noexcept;
  /// Something waits for the keeper.
  [[nodiscard]] bool is_left() const noexcept { return std::holds_alternative<Left>(lead_); }

  /// Something was brought that nobody waits for.
  [[nodiscard]] Wake bring() noexcept;
  /// A caller has brought something, or wants to see the next end of a turn. Nothing: it leads, from now on.
  /// Otherwise it waits for that turn, until `look` says that it need not.
  [[nodiscard]] std::optional<TurnNumber> join() noexcept { return wait_for(coming_); }
  /// The same for a caller that has brought nothing: the turn that ends next.
  [[nodiscard]] std::optional<TurnNumber> join_next_end() noexcept { return wait_for(over_ + 1); }

  enum class Sight { waits, over, leads };
  /// What a caller that waits for `turn` finds. `leads`: it waits no more, the lead is its own.
  [[nodiscard]] Sight look(TurnNumber turn) noexcept;
  /// Takes the lead unless somebody has it.
  [[nodiscard]] bool try_lead() noexcept;

  /// The leader takes what was brought: this turn begins. Whoever comes from now on waits for the next one.
  void begin() noexcept;
  /// It is over. Its callers need not wait any more: wake all of them. Its number.
  TurnNumber end() noexcept;
  /// The leader leaves. `more`: something was brought that no turn has taken.
  [[nodiscard]] Wake leave(bool more) noexcept;

 private:
  struct Rest {};  // nobody leads, nobody waits, nothing was left
  struct Left {};  // what was brought waits for the keeper, or whoever comes before
  struct Offered {
    std::size_t callers = 1;  // that wait for the coming turn; one of them is told to lead
  };
  struct Led {
    std::size_t callers = 0;
  };

  [[nodiscard]] std::optional<TurnNumber> wait_for(TurnNumber turn) noexcept;

  std::variant<Rest, Left, Offered, Led> lead_;
  TurnNumber coming_ = 1;
  TurnNumber over_ = 0;
};

}  // namespace cairn::engine
