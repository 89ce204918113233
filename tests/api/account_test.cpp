#include "api/requests/account.hpp"

#include <cairn/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace cairn::api {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::size_t free_bytes = Share::uncounted_bytes;

TEST(Account, CountsWhatAShareHoldsBeyondItsFreePart) {
  Account account{1'000};
  Share share{account};
  EXPECT_TRUE(share.resize(free_bytes));
  EXPECT_EQ(account.bytes(), 0U);
  EXPECT_TRUE(share.resize(free_bytes + 700));
  EXPECT_EQ(account.bytes(), 700U);
  EXPECT_TRUE(share.resize(free_bytes + 200));
  EXPECT_EQ(account.bytes(), 200U);
  EXPECT_TRUE(share.resize(3));
  EXPECT_EQ(account.bytes(), 0U);
}

TEST(Account, RefusesWhatItHasNoRoomForAndChangesNothing) {
  Account account{1'000};
  Share large{account};
  ASSERT_TRUE(large.resize(free_bytes + 600));
  Share other{account};
  EXPECT_FALSE(other.resize(free_bytes + 401));
  EXPECT_EQ(other.bytes(), 0U);
  EXPECT_EQ(account.bytes(), 600U);
  EXPECT_TRUE(other.resize(free_bytes)) << "a small one is served all the same";
  EXPECT_TRUE(other.resize(free_bytes + 400));
  EXPECT_FALSE(other.resize(static_cast<std::size_t>(-1)));
  EXPECT_EQ(account.bytes(), 1'000U);
}

TEST(Account, GetsBackWhatAShareHeldHoweverThatEnds) {
  Account account{1'000};
  {
    Share share{account};
    ASSERT_TRUE(share.resize(free_bytes + 100));
    Share moved = std::move(share);
    EXPECT_EQ(account.bytes(), 100U);
    Share target{account};
    ASSERT_TRUE(target.resize(free_bytes + 50));
    target = std::move(moved);
    EXPECT_EQ(account.bytes(), 100U);
    target = Share{};
    EXPECT_EQ(account.bytes(), 0U);
    ASSERT_TRUE(target.resize(free_bytes + 5'000)) << "of no account there is always room";
    EXPECT_EQ(account.bytes(), 0U);
  }
  EXPECT_EQ(account.bytes(), 0U);
}

TEST(Account, TakesWhatIsThereAlreadyAndRefusesOthersUntilItIsGone) {
  Account account{1'000};
  Share answer{account};
  answer.settle(free_bytes + 1'500);
  EXPECT_EQ(account.bytes(), 1'500U);
  Share other{account};
  EXPECT_FALSE(other.resize(free_bytes + 1));
  answer.settle(free_bytes + 999);
  EXPECT_TRUE(other.resize(free_bytes + 1));
}

TEST(Account, IsNeverOverdrawnByManyAtOnceAndEmptyInTheEnd) {
  Account account{10'000};
  Share held{account};  // so that somebody is refused, however seldom the threads meet
  ASSERT_TRUE(held.resize(free_bytes + 5'000));
  std::atomic<std::size_t> refused = 0;
  std::vector<std::thread> threads;
  for (std::size_t seed = 1; seed <= 4; ++seed) {
    threads.emplace_back([&, seed] {
      std::size_t random = seed;
      for (int round = 0; round < 20'000; ++round) {
        Share share{account};
        for (int change = 0; change < 4; ++change) {
          random = random * 6'364'136'223'846'793'005U + 1;
          if (!share.resize(free_bytes + (random >> 33) % 6'000)) ++refused;
          EXPECT_LE(account.bytes(), 10'000U);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(account.bytes(), 5'000U);
  EXPECT_GT(refused, 0U);
}

TEST(Room, IsMadeBesideTheRequestAndInPlaceOfWhatWasMadeBefore) {
  Account account{100'000};
  Share share{account};
  ASSERT_TRUE(share.resize(free_bytes + 1'000));
  Room room{share};
  room.make(50'000, "body");
  EXPECT_EQ(account.bytes(), 51'000U);
  room.make(20'000, "body");
  EXPECT_EQ(account.bytes(), 21'000U);
  room.keep(5'000);
  EXPECT_EQ(account.bytes(), 6'000U);
}

TEST(Room, TellsWhatFindsNoneForNowFromWhatNeverWill) {
  Account account{1'000'000};
  Share other{account};
  ASSERT_TRUE(other.resize(600'000));
  Share share{account};
  ASSERT_TRUE(share.resize(1'000));
  Room room{share};
  EXPECT_THROW(room.make(900'000, "body"), NoRoom);
  try {
    room.make(2'000'000, "body");
    ADD_FAILURE() << "room was made";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Errc::too_large);
    EXPECT_THAT(error.what(), StartsWith("body: takes more memory than all requests together may"));
    EXPECT_THAT(error.what(), HasSubstr("bytes_in_flight"));
  }
  EXPECT_EQ(share.bytes(), 1'000U);
}

}  // namespace
}  // namespace cairn::api
