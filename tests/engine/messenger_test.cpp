#include "engine/threads/messenger.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

namespace cairn::engine {
namespace {

using ::testing::ElementsAre;

class MessengerTest : public ::testing::Test {
 protected:
  auto say(const std::string& word) {
    return [this, word] { said.push_back(word); };
  }

  MissedWakeups missed = 0;
  std::vector<std::string> said;  // by the messenger's thread, until it was joined
};

TEST_F(MessengerTest, DoesOneAfterTheOtherAndIsOverWhenAllIsDone) {
  Messenger messenger{missed};
  for (const char* const word : {"one", "two", "three"}) messenger.give(say(word));
  EXPECT_EQ(messenger.waiting(), 3U);
  EXPECT_FALSE(messenger.is_here());
  messenger.start();
  messenger.join();
  EXPECT_THAT(said, ElementsAre("one", "two", "three"));
  EXPECT_EQ(missed, 0U);
}

TEST_F(MessengerTest, AnErrandHelpsWithWhatItWaitsFor) {
  Messenger messenger{missed};
  std::promise<void> given;
  messenger.give([&] {
    given.get_future().wait();
    EXPECT_TRUE(messenger.is_here());
    while (messenger.waiting() > 0) messenger.help();
    messenger.help();  // of nothing
    said.emplace_back("has rested");
  });
  messenger.start();
  messenger.give(say("one"));
  messenger.give(say("two"));
  given.set_value();
  messenger.join();
  EXPECT_THAT(said, ElementsAre("one", "two", "has rested"));
}

}  // namespace
}  // namespace cairn::engine
