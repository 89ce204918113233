// Many threads call everything that an engine offers, at the same time. Usage:
//
//     stress_host memory|sqlite THREADS SECONDS SEED FOLDER
//
// Fails at the first thing that is not as promised. What each thread is about stands in FOLDER/board, for a
// watchdog outside: this program does not notice when it stands still.

#include "tests/counts.hpp"
#include "tests/stress/board.hpp"
#include "tests/stress/caller.hpp"
#include "tests/stress/director.hpp"
#include "tests/stress/engine_calls.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <exception>
#include <iomanip>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace cairn::testing {
namespace {

Plan plan_of(const std::vector<std::string>& words) {
  if (words.size() != 5) throw std::invalid_argument{"usage: memory|sqlite THREADS SECONDS SEED FOLDER"};
  Plan plan{.store = words[0],
            .threads = std::stoul(words[1]),
            .time = std::chrono::seconds{std::stoll(words[2])},
            .seed = std::stoull(words[3]),
            .folder = words[4]};
  if (plan.store != "memory" && plan.store != "sqlite")
    throw std::invalid_argument{"STORE: must be memory or sqlite, is " + plan.store};
  if (plan.threads < 2 || plan.threads >= Board::size)
    throw std::invalid_argument{"THREADS: must be 2 to 64, is " + words[1]};
  return plan;
}

struct Sum {
  Times times;
  std::uint64_t ended = 0;
};

void print(const Plan& plan, const Director& director, const Sum& sum, double seconds) {
  const double instances = static_cast<double>(sum.ended) / seconds;
  const double calls = static_cast<double>(sum.times.calls()) / seconds;
  sum.times.print(std::cout);
  std::cout << std::fixed << std::setprecision(1) << plan.store << ", " << plan.threads << " threads, seed "
            << plan.seed << ", " << seconds << " s: " << director.rounds() << " stores, " << director.lives()
            << " engines; " << sum.times.calls() << " calls (" << std::setprecision(0) << calls << "/s), "
            << sum.ended << " instances (" << instances << "/s)\n"
            << "stalls " << sum.times.stalls() << '\n';
  tell_count("calls of threads", sum.times.calls());
  tell_count("instances of threads", sum.ended);
  tell_count("parked instances that were resumed", parked_and_resumed());
}

void run(const Plan& plan) {
  Board board{plan.folder / "board"};
  Completions completions;
  Lives lives;
  Meeting meeting{plan.threads, plan.seed};
  Director director{plan, board[0], lives, meeting, completions};
  std::deque<Caller> callers;
  std::vector<std::jthread> threads;
  const auto begin = std::chrono::steady_clock::now();
  meeting.hold();
  for (std::size_t i = 0; i < plan.threads; ++i) {
    Caller& caller = callers.emplace_back(Caller::Seat{i, plan.threads, plan.seed}, board[i + 1], lives,
                                          meeting, completions);
    threads.emplace_back([&caller] { caller.run(); });
  }
  director.run();
  meeting.go_on(Move::leave);
  threads.clear();  // joins them
  Sum sum{.times = director.times()};
  for (const Caller& caller : callers) {
    sum.times += caller.times();
    sum.ended += caller.ended();
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  print(plan, director, sum, took.count());
}

}  // namespace
}  // namespace cairn::testing

int main(int argc, char** argv) {
  try {
    // Where a kernel lets only parents trace, a child of the watchdog has to read the stacks.
    ::prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
    cairn::testing::run(cairn::testing::plan_of({argv + 1, argv + argc}));
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "stress_host: " << error.what() << '\n';
    return 1;
  }
}
