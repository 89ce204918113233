#include "engine/threads/inbox.hpp"

#include <gmock/gmock.h>

namespace cairn::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

BodyDone result(Key key) {
  return {.key = key};
}

std::vector<Key> keys(const std::vector<BodyDone>& results) {
  std::vector<Key> keys;
  for (const BodyDone& result : results) keys.push_back(result.key);
  return keys;
}

TEST(InboxTest, GivesResultsInTheOrderInWhichTheyCame) {
  Inbox inbox;
  inbox.expect(4);
  for (const Key key : {1, 2, 3}) inbox.put(result(key));
  EXPECT_THAT(keys(inbox.take_results(2)), ElementsAre(1, 2));
  inbox.put(result(4));
  EXPECT_THAT(keys(inbox.take_results(10)), ElementsAre(3, 4));
  EXPECT_THAT(inbox.take_results(10), IsEmpty());
}

TEST(InboxTest, KeepsResultsAndEverythingElseApart) {
  Inbox inbox;
  inbox.expect(1);
  inbox.put(Tick{});
  inbox.put(result(1));
  EXPECT_EQ(inbox.size(), 2U);
  EXPECT_EQ(inbox.results(), 1U);
  EXPECT_EQ(inbox.take_inputs().size(), 1U);
  EXPECT_FALSE(inbox.empty());
  EXPECT_THAT(keys(inbox.take_results(1)), ElementsAre(1));
  EXPECT_TRUE(inbox.empty());
}

// Whatever was taken meanwhile, no result that was expected finds its place taken.
TEST(InboxTest, CountsWhatIsThereWhileSomeAreTaken) {
  Inbox inbox;
  Key next = 1;
  Key taken = 0;
  for (int round = 0; round < 200; ++round) {
    const auto count = static_cast<std::size_t>(1 + round * 7 % 13);
    inbox.expect(count);
    for (std::size_t i = 0; i < count; ++i) inbox.put(result(next++));
    for (const Key key : keys(inbox.take_results(static_cast<std::size_t>(round * 5 % 17)))) {
      ASSERT_EQ(key, ++taken);
    }
    ASSERT_EQ(inbox.results(), static_cast<std::size_t>(next - 1 - taken));
  }
}

TEST(InboxTest, TakesAnyNumberOfHaltsForOne) {
  Inbox inbox;
  inbox.make_room();
  inbox.put(Tick{});
  for (int i = 0; i < 5; ++i) inbox.put(Halt{});
  EXPECT_EQ(inbox.size(), 2U);
  EXPECT_EQ(inbox.take_inputs().size(), 2U);
  EXPECT_TRUE(inbox.empty());
}

}  // namespace
}  // namespace cairn::engine
