#pragma once

#include "engine/threads/turns.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace cairn::testing {

/// The threads around `Turns`, small enough that all of their interleavings can be tried: callers that bring
/// something and wait for its answer, one that brings what nobody waits for, and the keeper. They do what
/// `Runner` does, a step of it for each time that it has the lock.
class TurnsModel {
 public:
  struct Size {
    std::size_t callers = 2;
    int calls = 2;           ///< of each caller
    int posts = 0;           ///< what is brought without waiting
    bool late = false;       ///< once the answers may come a turn later than they should
    bool has_keeper = true;  ///< before the start of an engine, and after its end, there is none
  };
  explicit TurnsModel(const Size& size);

  /// What can happen next: every thread that is awake, and every choice that it has.
  [[nodiscard]] std::vector<TurnsModel> next() const;

  /// Everything was answered and taken.
  [[nodiscard]] bool has_ended() const;
  /// Equal for equal states.
  [[nodiscard]] std::string state() const;

 private:
  enum class At {
    calls,       // about to bring something; a keeper: looks around
    waits,       // asleep, for `turn`; a keeper: for something to do
    begins,      // has the lead
    ends,        // its turn is written
    tells,       // its turn has ended, its callers are not told yet
    leaves,      // they are told; it leads still
    looks_back,  // has led
    ended,
  };
  struct Thread {
    At at = At::calls;
    int left = 0;  // calls, or posts
    engine::TurnNumber turn = 0;
    bool told = false;
    bool answered = true;
  };

  [[nodiscard]] bool is_caller(std::size_t thread) const { return thread < callers_; }
  [[nodiscard]] bool is_poster(std::size_t thread) const { return thread == callers_; }
  [[nodiscard]] bool is_keeper(std::size_t thread) const { return thread == callers_ + 1; }
  [[nodiscard]] bool is_awake(const Thread& thread) const;
  void step(std::size_t thread, std::vector<TurnsModel>& after) const;
  void call(Thread& thread, std::size_t index);
  void look(Thread& thread);
  void go_on(Thread& thread);
  void look_around(Thread& keeper);
  void post(Thread& poster);
  void write(bool late);
  void tell_all(engine::TurnNumber turn);
  void wake(engine::Turns::Wake whom, std::vector<TurnsModel>& after) const;
  [[nodiscard]] bool something_is_left() const { return brought_ > 0 || late_ > 0; }

  static constexpr engine::TurnNumber signals = 4;

  std::size_t callers_;
  bool may_be_late_;
  bool has_keeper_;
  engine::Turns turns_;
  std::vector<Thread> threads_;
  unsigned brought_ = 0;  // who has brought something that no turn has taken: a bit each
  unsigned taken_ = 0;    // in the turn that goes on
  unsigned late_ = 0;     // taken, and to be answered by the next turn
};

}  // namespace cairn::testing
