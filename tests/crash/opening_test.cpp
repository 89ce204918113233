// The question: can a program be killed while it makes a file, or takes it over, without leaving something
// that the next one stumbles over?

#include "tests/counts.hpp"
#include "tests/crash/child.hpp"
#include "tests/crash/folder.hpp"
#include "tests/crash/kills.hpp"
#include "tests/crash/ledger.hpp"

#include <cairn/check.hpp>
#include <cairn/open.hpp>
#include <cairn/store.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Opening : public ::testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path file() const { return folder_ / "state.db"; }
  [[nodiscard]] std::vector<std::string> said(int host) const { return read_lines(output(host)); }

  std::unique_ptr<Child> start(int host) {
    std::filesystem::remove(output(host));
    return std::make_unique<Child>(std::vector<std::string>{CAIRN_OPENING_HOST, file()}, output(host),
                                   folder_ / "err");
  }

  // Until it has said something, which it does when it owns the file or was refused.
  void wait_for_word(Child& child, int host) {
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (said(host).empty()) {
      child.wait(1ms);
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "it says nothing";
    }
  }

  void remove_file() {
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      if (entry.path().filename().string().starts_with("state.db")) std::filesystem::remove(entry.path());
    }
  }

 private:
  [[nodiscard]] std::filesystem::path output(int host) const {
    return folder_ / ("out-" + std::to_string(host));
  }

  Folder folder_;
};

TEST_F(Opening, AHalfMadeFileIsMadeAgain) {
  const std::uint64_t seed = crash_seed();
  std::cout << "seed " << seed << " (CAIRN_CRASH_SEED)\n";
  std::mt19937_64 random{seed};
  const auto before = std::chrono::steady_clock::now();
  {
    const auto whole = start(0);
    wait_for_word(*whole, 0);
  }
  const auto time_to_open = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - before);

  int half_made = 0;
  for (std::uint64_t i = 0; i < crash_kills() / 2; ++i) {
    remove_file();
    std::uniform_int_distribution<std::int64_t> moment{0, time_to_open.count()};
    const auto child = start(0);
    child->wait(std::chrono::microseconds{moment(random)});
    child->kill();
    half_made += std::filesystem::exists(file().string() + ".new") ? 1 : 0;
    {
      const auto store = open_sqlite(file());
      EXPECT_LE(store->ownership().epoch, 2) << "seed " << seed;
      EXPECT_THAT(store->workflows(), IsEmpty());
    }
    EXPECT_THAT(check_file(file()).findings, IsEmpty());
    EXPECT_FALSE(std::filesystem::exists(file().string() + ".new"));
    if (HasFailure()) FAIL() << "seed " << seed << ", kill " << i;
  }
  std::cout << half_made << " of the files were half made\n";
}

TEST_F(Opening, WhoWaitsForTheFileGetsItWhenItsOwnerIsKilled) {
  const auto owner = start(0);
  wait_for_word(*owner, 0);
  ASSERT_THAT(said(0), ElementsAre("opened 1"));
  const auto next = start(1);
  EXPECT_EQ(next->wait(50ms), std::nullopt) << "it should still wait";
  EXPECT_THAT(said(1), IsEmpty());
  owner->kill();
  wait_for_word(*next, 1);
  EXPECT_THAT(said(1), ElementsAre("opened 2"));
}

TEST_F(Opening, OfManyThatCompeteWhileOwnersAreKilledOneOwnsTheFileAtATime) {
  constexpr int programs = 4;
  std::vector<std::unique_ptr<Child>> running;
  for (int host = 0; host < programs; ++host) running.push_back(start(host));
  int turns = 0;
  for (bool some_wait = true; some_wait;) {
    some_wait = false;
    int owner = -1;
    for (int host = 0; host < programs; ++host) {
      auto& program = running[static_cast<std::size_t>(host)];
      if (!program || program->wait(1ms)) continue;  // killed, or refused after waiting long enough
      some_wait = true;
      const auto words = said(host);
      if (words.empty()) continue;
      EXPECT_EQ(owner, -1) << "two own the file";
      owner = host;
    }
    if (owner < 0) continue;
    EXPECT_THAT(said(owner), ElementsAre("opened " + std::to_string(++turns)));
    running[static_cast<std::size_t>(owner)].reset();
  }
  EXPECT_GE(turns, 1);
}

}  // namespace
}  // namespace cairn::testing
