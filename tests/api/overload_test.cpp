// More than the server takes: requests and bodies.

#include "tests/api/server_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

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

TEST_F(Overload, BodiesAreBoundedTogether) {
  serve([](HttpOptions& limits) { limits.bodies_bytes = 1'000; });
  const std::string body = "{" + std::string(898, ' ') + "}";
  WireClient one{server->port()};
  WireClient other{server->port()};
  for (WireClient* client : {&one, &other})
    client->send(create_request(body).substr(0, create_request(body).size() - 300));
  while (!one.has_news(2) && !other.has_news(2)) {
  }
  WireClient& refused = one.has_news(0) ? one : other;
  WireClient& taken = &refused == &one ? other : one;
  EXPECT_EQ(refused.receive().status, 503);
  EXPECT_EQ(taken.ask(body.substr(body.size() - 300)).status, 200) << "its memory was given back";
}

}  // namespace
}  // namespace cairn::tests
