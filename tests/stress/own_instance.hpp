#pragma once

#include "tests/stress/turn.hpp"

#include <cairn/cairn.hpp>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>

namespace cairn::testing {

/// An instance that one thread alone makes and controls: it knows what the engine has to tell of it, over
/// all lives of a round.
class OwnInstance {
 public:
  /// `passes`: it may be swept a moment after its end.
  OwnInstance(std::string id, Kind kind, int n, bool passes)
      : id_{std::move(id)}, kind_{kind}, n_{n}, passes_{passes} {}

  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  [[nodiscard]] Kind kind() const noexcept { return kind_; }
  [[nodiscard]] bool passes() const noexcept { return passes_; }
  [[nodiscard]] NewInstance<int> as_new() const;

  /// False: the engine ends, and it does not exist.
  bool create(Turn& turn);
  /// It was made in a batch, which was asked for at that time.
  void made(std::chrono::steady_clock::time_point asked) { begun_ = asked; }
  /// The id is taken, unless the instance has passed.
  void create_again(Turn& turn);

  void pause(Turn& turn);
  void resume(Turn& turn);
  void terminate(Turn& turn);
  void restart(Turn& turn);
  void send_go(Turn& turn);
  void post_go(Turn& turn);
  void look(Turn& turn);
  void describe(Turn& turn);
  void describe_text(Turn& turn);
  void wait_a_while(Turn& turn, Duration patience);
  void watch(Turn& turn);

  /// Gives it all it needs, and waits for its end. False: the engine ended first.
  bool bring_to_its_end(Turn& turn);

 private:
  /// The handle of this life; null when the engine ends, or the instance has passed.
  const Instance<int>* handle(Turn& turn);
  void control(Turn& turn, Call call, Errc refused, void (Instance<int>::*command)() const);
  void expect_status(Turn& turn, Call behind, std::initializer_list<Status> allowed);
  void expect_ended(Turn& turn, Call behind);
  /// Judged behind a call that says that it has.
  [[nodiscard]] bool may_have_passed() const;
  /// `instance_not_found`, where it may ever be; else no code at all.
  [[nodiscard]] Errc gone() const { return passes_ ? Errc::instance_not_found : Errc{}; }
  void note(const Turn& turn, Call call, const std::optional<Errc>& refusal);
  void hold_against(Turn& turn, Call call, const Ending& ending);
  [[noreturn]] void report(const Turn& turn, Call call, const std::string& what) const;

  const std::string id_;
  const Kind kind_;
  const int n_;
  const bool passes_;
  std::chrono::steady_clock::time_point begun_ = {};  // its run
  bool paused_ = false;
  bool terminated_ = false;
  bool passed_ = false;
  std::optional<Instance<int>> handle_;
  std::uint64_t life_ = 0;  // of the handle
};

}  // namespace cairn::testing
