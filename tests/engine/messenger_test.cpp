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

TEST_F(MessengerTest, DoesFirstWhatOthersWaitFor) {
  Messenger messenger{missed};
  messenger.give(say("line"));
  messenger.give(say("other line"));
  messenger.give(say("stop"), Messenger::Rank::first);
  EXPECT_EQ(messenger.waiting(), 3U);
  messenger.start();
  messenger.join();
  EXPECT_THAT(said, ElementsAre("stop", "line", "other line"));
  EXPECT_EQ(missed, 0U);
}

TEST_F(MessengerTest, AnErrandHelpsWithWhatItWaitsForItself) {
  Messenger messenger{missed};
  std::promise<void> given;
  messenger.give([&] {
    given.get_future().wait();
    while (messenger.has_urgent()) messenger.help();
    said.emplace_back("has rested");
  });
  messenger.start();
  messenger.give(say("line"));
  messenger.give(say("stop"), Messenger::Rank::first);
  given.set_value();
  messenger.join();
  EXPECT_THAT(said, ElementsAre("stop", "has rested", "line"));
}

TEST_F(MessengerTest, HelpsWithNothingThatOnlyTheHostWaitsFor) {
  Messenger messenger{missed};
  messenger.give(say("line"));
  EXPECT_FALSE(messenger.has_urgent());
  messenger.help();
  EXPECT_THAT(said, ElementsAre());
  messenger.start();
}

}  // namespace
}  // namespace cairn::engine
