// More requests than the server takes.

#include "tests/api/server_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cairn::tests {
namespace {

using namespace std::chrono_literals;

using Overload = ServerFixture;

TEST_F(Overload, RequestsBeyondTheLimitAreToldToComeBackAndTheConnectionIsKept) {
  serve([](HttpOptions& limits) {
    limits.requests = 1;
    limits.handlers = 1;
  });
  faults->hold(true);
  WireClient first{server->port()};
  first.send(create_request("{}"));
  faults->wait_until_held();
  WireClient second{server->port()};
  const WireResponse refused = second.ask(plain_request);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.at("retry-after"), "1");
  EXPECT_EQ(refused.headers.at("connection"), "keep-alive");
  faults->hold(false);
  EXPECT_EQ(first.receive().status, 200);
  EXPECT_EQ(second.ask(plain_request).status, 200);
}

// A body behind an answer to HEAD would be taken for the beginning of the next answer.
TEST_F(Overload, ARefusedRequestForAHeadGetsNoBody) {
  serve([](HttpOptions& limits) {
    limits.requests = 1;
    limits.handlers = 1;
  });
  faults->hold(true);
  WireClient first{server->port()};
  first.send(create_request("{}"));
  faults->wait_until_held();
  WireClient second{server->port()};
  const std::string head = "HEAD /accounts/a/workflows HTTP/1.1\r\nHost: localhost\r\n\r\n";
  EXPECT_EQ(second.ask(head, true).status, 503);
  EXPECT_EQ(second.ask(head, true).status, 503);
  faults->hold(false);
  EXPECT_EQ(first.receive().status, 200);
  EXPECT_EQ(second.ask(plain_request).status, 200);
}

TEST_F(Overload, TheHealthIsToldWhileAllHandlersAreBusyAndAllPlacesTaken) {
  serve([](HttpOptions& limits) {
    limits.requests = 3;
    limits.handlers = 1;
  });
  faults->hold(true);
  WireClient first{server->port()};
  first.send(create_request("{}"));
  faults->wait_until_held();
  std::vector<std::unique_ptr<WireClient>> others;
  for (int i = 0; i < 2; ++i) {
    others.push_back(std::make_unique<WireClient>(server->port()));
    others.back()->send(plain_request);
  }
  for (int round = 0; round < 3; ++round) {
    WireClient watcher{server->port()};
    const WireResponse health = watcher.ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(health.status, 200);
    EXPECT_EQ(health.body, R"({"status":"ok"})");
  }
  for (const auto& other : others) EXPECT_FALSE(other->has_news(0)) << "they wait for the handler";
  faults->hold(false);
  EXPECT_EQ(first.receive().status, 200);
  for (const auto& other : others) EXPECT_EQ(other->receive().status, 200);
}

}  // namespace
}  // namespace cairn::tests
