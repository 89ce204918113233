// Clients that are slow on purpose. Every deadline of a server here is short, so what is slow need not be;
// nothing is asked of how long a deadline takes, only that it comes although the client never rests.

#include "tests/api/server_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace cairn::tests {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

using Deadline = ServerFixture;

constexpr int bytes_max = 5'000;

// The answer to a client that sends a byte now and again until it gets one.
WireResponse trickle(WireClient& client, std::string_view byte) {
  int sent = 0;
  for (; sent < bytes_max && !client.has_news(2); ++sent) client.send(byte);
  EXPECT_LT(sent, bytes_max) << "the bytes keep the deadline away";
  return client.receive();
}

TEST_F(Deadline, OfAHeadIsNotMovedByItsBytes) {
  serve([](HttpOptions& limits) { limits.header_timeout = 50ms; });
  WireClient client{server->port()};
  client.send("GET /accounts/a/workflows HTTP/1.1\r\nHost: localhost\r\nX: ");
  const WireResponse response = trickle(client, "x");
  EXPECT_EQ(response.status, 408);
  EXPECT_EQ(response.headers.at("connection"), "close");
  EXPECT_THAT(response.body, HasSubstr("the head of the request did not come in time"));
}

TEST_F(Deadline, OfABodyIsMovedOnlyByManyBytes) {
  serve([](HttpOptions& limits) { limits.body_timeout = 50ms; });
  for (const char* length : {"Content-Length: 100000", "Transfer-Encoding: chunked"}) {
    WireClient client{server->port()};
    client.send("POST /accounts/a/workflows/anything/instances HTTP/1.1\r\nHost: localhost\r\n" +
                std::string{length} + "\r\n\r\n");
    const bool chunked = std::string_view{length}.starts_with('T');
    const WireResponse response = trickle(client, chunked ? "1\r\n \r\n" : " ");
    EXPECT_EQ(response.status, 408) << length;
    EXPECT_EQ(response.headers.at("x-should-retry"), "false");
  }
}

TEST_F(Deadline, OfAnIdleConnectionClosesItWithoutAnAnswer) {
  serve([](HttpOptions& limits) { limits.idle_timeout = limits.header_timeout = 50ms; });
  WireClient never_asks{server->port()};
  EXPECT_TRUE(never_asks.is_closed());
  WireClient asked{server->port()};
  EXPECT_EQ(asked.ask(plain_request).status, 200);
  EXPECT_TRUE(asked.is_closed());
}

TEST_F(Deadline, OfAnIdleConnectionIsNotMovedByEmptyLines) {
  serve([](HttpOptions& limits) { limits.idle_timeout = limits.header_timeout = 50ms; });
  WireClient client{server->port()};
  EXPECT_EQ(client.ask(plain_request).status, 200);
  int sent = 0;
  for (; sent < bytes_max && !client.has_news(2); ++sent) client.send("\r\n");
  EXPECT_LT(sent, bytes_max) << "they keep the deadline away";
  EXPECT_TRUE(client.is_closed()) << "without an answer that nobody asked for";
}

TEST_F(Deadline, OfAnAnswerThatNobodyReadsEndsTheConnection) {
  serve([](HttpOptions& limits) {
    limits.write_timeout = 50ms;
    limits.connections = 1;
  });
  anything.create({.id = "large", .params = std::string(50'000, 'x')});
  WireClient client{server->port()};
  client.receive_little();
  std::string requests;
  for (int i = 0; i < 1'000; ++i)
    requests += "GET /accounts/a/workflows/anything/instances/large HTTP/1.1\r\nHost: localhost\r\n\r\n";
  client.send(requests);
  // Somebody else gets its place, though it has read nothing.
  int status = 503;
  while (status == 503) {
    WireClient next{server->port()};
    status = next.ask(plain_request).status;
    if (next.has_news(2)) continue;
  }
  EXPECT_EQ(status, 200);
}

TEST_F(Deadline, OfAnAnswerThatNobodyReadsIsNoLaterWhereTheAnswerIsLong) {
  EngineOptions roomy{.workers = 1};
  roomy.limits.params_bytes = std::size_t{64} << 20;
  Engine large{open_memory(), roomy};
  large.define("anything", [](Context&, json params) -> Task<json> { co_return params; })
      .create({.id = "large", .params = std::string(std::size_t{32} << 20, 'x')});
  HttpServer hurried{large, {.port = 0, .connections = 1, .write_timeout = 50ms}};
  hurried.start();
  WireClient client{hurried.port()};
  client.receive_little();
  client.send("GET /accounts/a/workflows/anything/instances/large HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(client.has_news(60'000));
  // Somebody else gets its place. Had each 64 KiB of the answer a second of its own, that were in 9 minutes.
  int status = 503;
  for (int attempt = 0; attempt < bytes_max && status == 503; ++attempt) {
    WireClient next{hurried.port()};
    status = next.ask(plain_request).status;
    if (next.has_news(2)) continue;
  }
  EXPECT_EQ(status, 200);
}

TEST_F(Deadline, OfAnAnswerLeavesWhoeverReadsItAllTheTimeThatItTakes) {
  EngineOptions roomy{.workers = 1};
  roomy.limits.params_bytes = std::size_t{16} << 20;
  Engine large{open_memory(), roomy};
  large.define("anything", [](Context&, json params) -> Task<json> { co_return params; })
      .create({.id = "large", .params = std::string(std::size_t{8} << 20, 'x')});
  HttpServer hurried{large, {.port = 0, .write_timeout = 5s}};
  hurried.start();
  WireClient client{hurried.port()};
  const WireResponse response = client.ask(
      "GET /accounts/a/workflows/anything/instances/large HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(response.status, 200);
  EXPECT_GT(response.body.size(), std::size_t{8} << 20);
}

TEST_F(Deadline, OfTheWorkIsToldAndTheWorkDoneAllTheSame) {
  serve([](HttpOptions& limits) { limits.handler_timeout = 50ms; });
  faults->hold(true);
  WireClient client{server->port()};
  const WireResponse response = client.ask(create_request(R"({"instance_id":"late"})"));
  EXPECT_EQ(response.status, 504);
  EXPECT_EQ(response.headers.at("x-should-retry"), "false");
  EXPECT_THAT(response.body, HasSubstr("its outcome is not known yet"));
  EXPECT_TRUE(client.is_closed());
  faults->hold(false);
  server->stop();  // when every handler has returned
  EXPECT_TRUE(anything.find("late"));
}

TEST_F(Deadline, ManySlowClientsKeepNobodyElseWaiting) {
  serve([](HttpOptions& limits) { limits.header_timeout = 500ms; });
  std::vector<std::unique_ptr<WireClient>> slow;
  for (int i = 0; i < 200; ++i) {
    slow.push_back(std::make_unique<WireClient>(server->port()));
    slow.back()->send("G");
  }
  WireClient client{server->port()};
  EXPECT_EQ(client.ask(plain_request).status, 200);
  for (const auto& each : slow) EXPECT_EQ(each->receive().status, 408);
}

}  // namespace
}  // namespace cairn::tests
