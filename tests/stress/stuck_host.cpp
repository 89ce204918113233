// What the watchdog is tried on. Usage: stuck_host BOARD all|one|long|none
//
// One thread makes calls without end, for a second; another one is in a call that does not return, in which
// the first one stands too (`all`), or goes on beside it (`one`); or both are in order (`long`, `none`).

#include "tests/stress/board.hpp"

#include <poll.h>
#include <sys/prctl.h>

#include <chrono>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <thread>

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Until somebody ends the process.
[[gnu::noinline]] void stand_still() {
  for (;;) ::poll(nullptr, 0, -1);
}

void make_calls(Slot& slot, Clock::duration time) {
  constexpr int pause_ms = 5;
  for (const auto until = Clock::now() + time; Clock::now() < until;) {
    slot.begin(Call::status);
    ::poll(nullptr, 0, pause_ms);
    slot.end();
  }
}

void run(Board& board, std::string_view how) {
  if (how == "none") return make_calls(board[1], 1s);
  if (how == "long") {
    board[1].begin(Call::check);
    std::jthread other{[&] { make_calls(board[0], 200ms); }};
    other.join();
    constexpr int longer_than_others_may_take_ms = 800;
    ::poll(nullptr, 0, longer_than_others_may_take_ms);
    board[1].end();
    return;
  }
  board[1].begin(how == "all" ? Call::wait : Call::destroy);
  std::jthread other{[] { stand_still(); }};
  if (how == "all") stand_still();
  constexpr auto longer_than_it_is_watched = 30s;
  make_calls(board[0], longer_than_it_is_watched);
}

}  // namespace
}  // namespace cairn::testing

int main(int argc, char** argv) {
  try {
    ::prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
    if (argc != 3) throw std::invalid_argument{"usage: stuck_host BOARD all|one|long|none"};
    cairn::testing::Board board{argv[1]};
    cairn::testing::run(board, argv[2]);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "stuck_host: " << error.what() << '\n';
    return 1;
  }
}
