// A program of its own, in which threads can be refused.

#include "tests/api/api_fixture.hpp"
#include "tests/api/wire_client.hpp"
#include "tests/refusal.hpp"
#include "tests/scarce_threads.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <climits>

namespace cairn::tests {
namespace {

using cairn::testing::refusal;
using cairn::testing::threads_left;
using ::testing::StartsWith;

class HttpThreadTest : public ApiFixture {};

TEST_F(HttpThreadTest, AStartWithoutThreadsIsRefusedAndMayBeTriedAgain) {
  constexpr int needed = 5;  // three handlers, one for the health, and one for the connections
  HttpOptions some;
  some.port = 0;
  some.handlers = 3;
  for (int made = 0; made < needed; ++made) {
    HttpServer server{engine, some};
    threads_left = made;
    const auto [code, message] = refusal([&] { server.start(); });
    threads_left = INT_MAX;
    EXPECT_EQ(code, Errc::internal) << made;
    EXPECT_THAT(message, StartsWith("the server's threads cannot be started: ")) << made;
    EXPECT_EQ(server.port(), 0);
    server.start();
    EXPECT_EQ(WireClient{server.port()}.ask(plain_request).status, 200) << made;
  }
}

}  // namespace
}  // namespace cairn::tests
