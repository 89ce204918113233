#pragma once

#include "tests/crash/death.hpp"
#include "tests/crash/storm/journal.hpp"

#include <cairn/cairn.hpp>

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace cairn::testing {

// One of several that ask an engine for things at the same time, each about instances of its own. What it
// asks for is chosen by a seed, and stands in the journal before it is asked. What it was told is looked at
// at once: whoever was told that something is done must see it (`run` throws otherwise).
class StormClient {
 public:
  // `past`: the acts of all clients in earlier lives.
  StormClient(Engine& engine, Journal& journal, Death& death, int number, int life, std::uint64_t seed,
              const std::vector<Act>& past);

  void run(int acts);
  // Has every instance of this client end.
  void bring_to_an_end();

 private:
  struct Known {
    std::string id;
    std::string workflow;
    bool expires = false;
    bool paused = false;  // as far as this client knows
  };

  void act();
  void create(std::size_t rows);
  void create_again();
  void send(Known& known);
  void control(Known& known, Act::Kind kind);
  void read(const Known& known);

  // Asks, and notes what came of it. False: refused.
  template <class Call>
  bool ask(Act act, Call&& call);
  void look_after(const Known& known, Act::Kind kind);
  void remember(const Act& act);
  [[nodiscard]] Instance<json> handle(const Known& known) const;
  [[nodiscard]] Known* some(bool paused);
  [[nodiscard]] std::size_t chance(std::size_t below);

  Engine& engine_;
  Journal& journal_;
  Death& death_;
  const int number_;
  const int life_;
  std::mt19937_64 random_;
  std::vector<Known> known_;
  std::optional<Act> last_batch_;  // whose instances stay
  int ids_ = 0;
  int events_ = 0;
};

}  // namespace cairn::testing
