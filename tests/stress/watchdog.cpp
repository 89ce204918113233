#include "tests/stress/watchdog.hpp"

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>

namespace cairn::testing {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds pace{50};
// What one look may count for. Whoever looks later than that was not run himself.
constexpr milliseconds longest_look = 4 * pace;

std::string read_all(const std::filesystem::path& file) {
  std::ifstream in{file};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// Whether a thread of it is inside a call of the kernel that cannot be interrupted: reads and flushes of a
// disk.
bool waits_for_disk(pid_t process) {
  std::error_code gone;
  const std::filesystem::path threads = "/proc/" + std::to_string(process) + "/task";
  for (const auto& thread : std::filesystem::directory_iterator{threads, gone}) {
    const std::string line = read_all(thread.path() / "stat");
    const std::size_t name_end = line.rfind(')');  // the name may have brackets and blanks of its own
    if (name_end != std::string::npos && line.compare(name_end, 3, ") D") == 0) return true;
  }
  return false;
}

}  // namespace

std::string stacks_of(pid_t process, const std::filesystem::path& folder) {
  const std::filesystem::path program = "/usr/bin/eu-stack";
  if (!std::filesystem::exists(program))
    return "no stacks: eu-stack is missing; scripts/deps test installs it";
  // Symbols are those of this machine: none are fetched.
  Child reader{{"/usr/bin/env", "-u", "DEBUGINFOD_URLS", program.string(), "-p", std::to_string(process)},
               folder / "stacks",
               folder / "stacks.errors"};
  const std::optional<End> end = reader.wait(std::chrono::minutes{2});
  std::string text = read_all(folder / "stacks");
  if (!end) text += "\neu-stack did not end";
  return text + '\n' + read_all(folder / "stacks.errors");
}

std::string Watchdog::watch(Child& program, const std::filesystem::path& folder) {
  auto last = Clock::now();
  while (!program.wait(pace)) {
    const auto now = Clock::now();
    look(program.id(), std::min(longest_look, std::chrono::duration_cast<milliseconds>(now - last)));
    last = now;
    std::string text = complaint();
    if (text.empty()) continue;
    text += '\n' + what_each_does() + stacks_of(program.id(), folder);
    // It may have ended meanwhile, such as by a failure of its own; that is told as well.
    program.kill();
    return text;
  }
  return {};
}

void Watchdog::look(pid_t process, milliseconds passed) {
  bool all_stand = true;
  for (std::size_t thread = 0; thread < Board::size; ++thread) {
    const std::uint64_t moves = board_[thread].moves.load(std::memory_order_acquire);
    if (moves == sights_[thread].moves) continue;
    sights_[thread] = {.moves = moves};
    all_stand = false;
  }
  const bool somebody_stands = std::ranges::any_of(
      sights_, [](const Sight& sight) { return sight.moves % 2 == 1 && sight.unmoved >= 4 * pace; });
  if ((all_stand || somebody_stands) && waits_for_disk(process)) passed = {};
  unmoved_ = all_stand ? unmoved_ + passed : milliseconds{};
  for (Sight& sight : sights_) sight.unmoved += passed;
  looked_ += passed;
}

std::string Watchdog::complaint() const {
  bool some_take_long = false;
  for (std::size_t thread = 0; thread < Board::size; ++thread) {
    if (!in_call(thread)) continue;
    some_take_long = some_take_long || in_long_call(thread);
    const milliseconds limit = in_long_call(thread) ? patience_.long_call : patience_.one_call;
    if (sights_[thread].unmoved >= limit)
      return "a call of thread " + std::to_string(thread) + " has not returned";
  }
  if (unmoved_ >= patience_.nothing_returns && !some_take_long) return "no call has returned";
  if (looked_ >= patience_.life) return "calls return, and it does not come to its end";
  return {};
}

std::string Watchdog::what_each_does() const {
  std::ostringstream text;
  for (std::size_t thread = 0; thread < Board::size; ++thread) {
    const Sight& sight = sights_[thread];
    if (sight.moves == 0) continue;
    text << "  thread " << thread << ": ";
    if (in_call(thread)) {
      text << to_string(board_[thread].call.load());
    } else {
      text << "in no call";
    }
    text << " for " << sight.unmoved.count() << " ms, after " << sight.moves / 2 << " calls\n";
  }
  return text.str();
}

}  // namespace cairn::testing
