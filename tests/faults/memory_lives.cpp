#include "tests/faults/memory_lives.hpp"

#include "tests/counts.hpp"
#include "tests/faults/memory_scene.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <map>

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_life = 20s;
constexpr const char* not_reached = "not reached";

}  // namespace

std::string become_of(Child& host) {
  const std::optional<End> end = host.wait(longest_life);
  if (!end) {
    ADD_FAILURE() << "it hangs";
    return "hangs";
  }
  if (*end == End{.status = std::nullopt, .signal = SIGABRT}) return "process ended";
  if (end->status == static_cast<int>(Fate::went_on)) return "went on";
  if (end->status == static_cast<int>(Fate::told)) return "caller told";
  if (end->status == static_cast<int>(Fate::engine_failed)) return "engine failed";
  if (end->status == static_cast<int>(Fate::not_reached)) return not_reached;
  ADD_FAILURE() << "it ended with " << to_string(*end);
  return "broken";
}

void try_each(const Lack& lack, std::size_t shard, std::size_t shards,
              const std::function<std::string(std::size_t k)>& live) {
  std::map<std::string, std::size_t> fates;
  for (const std::string& fate : lack.must) fates.emplace(fate, 0);
  const std::size_t step = shards * lack.stride;
  for (std::size_t k = (number_from("CAIRN_FAULT_SEED", 0) + shard * lack.stride) % step;; k += step) {
    SCOPED_TRACE("request " + std::to_string(k) + ", " + lack.name);
    const std::string became = live(k);
    if (became == not_reached) break;
    ++fates[became];
    if (::testing::Test::HasFailure()) return;
  }
  std::size_t lives = 0;
  for (const auto& [fate, count] : fates) {
    tell_count(fate, count);
    lives += count;
  }
  tell_count("lives", lives);
  for (const auto& [fate, count] : fates) EXPECT_GT(count, 0U) << fate;
}

}  // namespace cairn::testing
