// The question: do threads that call everything at the same time ever stand still, and does each instance
// end as it has to, whatever they do to it?

#include "tests/counts.hpp"
#include "tests/crash/child.hpp"
#include "tests/crash/folder.hpp"
#include "tests/sanitized.hpp"
#include "tests/stress/board.hpp"
#include "tests/stress/watchdog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sched.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

#if defined(CAIRN_TESTS_UNDER_ADDRESS_SANITIZER) || defined(CAIRN_TESTS_UNDER_THREAD_SANITIZER)
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif

struct Scene {
  std::string store;
  int threads = 0;
  bool on_one_core = false;
};

void PrintTo(const Scene& scene, std::ostream* out) {
  *out << scene.threads << " threads, " << scene.store << (scene.on_one_core ? ", on one core" : "");
}

std::string name_of(const ::testing::TestParamInfo<Scene>& info) {
  return info.param.store + std::to_string(info.param.threads) +
         (info.param.on_one_core ? "_on_one_core" : "");
}

// The first one that this process may use.
int some_core() {
  cpu_set_t cores{};
  if (::sched_getaffinity(0, sizeof cores, &cores) != 0) return 0;
  int core = 0;
  while (core + 1 < CPU_SETSIZE && !CPU_ISSET(core, &cores)) ++core;
  return core;
}

std::string read_all(const std::filesystem::path& file) {
  std::ifstream in{file};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

class Stress : public ::testing::TestWithParam<Scene> {
 protected:
  [[nodiscard]] std::vector<std::string> command(std::uint64_t seed) const {
    const Scene& scene = GetParam();
    std::vector<std::string> words;
    if (scene.on_one_core) words = {"/usr/bin/taskset", "--cpu-list", std::to_string(some_core())};
    for (const std::string& word :
         {std::string{CAIRN_STRESS_HOST}, scene.store, std::to_string(scene.threads),
          std::to_string(stress_seconds()), std::to_string(seed), folder_.path().string()}) {
      words.push_back(word);
    }
    return words;
  }

  [[nodiscard]] static Patience patience() {
    const int factor = (is_sanitized ? 5 : 1) * (GetParam().on_one_core ? 2 : 1) * stress_patience();
    // To bring everything to its end takes a second.
    const Patience patience{.life = std::chrono::seconds{stress_seconds()} + 1min};
    return patience.times(factor);
  }

  Folder folder_;
};

TEST_P(Stress, NothingStandsStillAndEveryInstanceEndsRight) {
  const std::uint64_t seed = stress_seed();
  const Board board{folder_ / "board"};
  Child host{command(seed), folder_ / "out", folder_ / "err"};
  const std::string complaint = Watchdog{board, patience()}.watch(host, folder_.path());
  const std::string told = read_all(folder_ / "out");
  std::cout << told;
  if (!complaint.empty()) ADD_FAILURE() << complaint << "seed " << seed << " (CAIRN_STRESS_SEED)";
  EXPECT_EQ(to_string(host.kill()), "exit status 0")
      << read_all(folder_ / "err") << "seed " << seed << " (CAIRN_STRESS_SEED)";
  // A disk may keep a call waiting; memory has no such excuse.
  if (!is_sanitized && GetParam().store == "memory") {
    EXPECT_THAT(told, HasSubstr("stalls 0\n"));
  }
  if (!HasFailure()) return;
  folder_.keep();
  std::cout << "its files are in " << folder_.path() << '\n';
}

INSTANTIATE_TEST_SUITE_P(Scenes, Stress,
                         ::testing::Values(Scene{"memory", 3}, Scene{"memory", 8}, Scene{"memory", 32},
                                           Scene{"sqlite", 3}, Scene{"sqlite", 8}, Scene{"sqlite", 32},
                                           Scene{"memory", 3, true}, Scene{"memory", 8, true},
                                           Scene{"memory", 32, true}, Scene{"sqlite", 3, true},
                                           Scene{"sqlite", 8, true}, Scene{"sqlite", 32, true}),
                         name_of);

}  // namespace
}  // namespace cairn::testing
