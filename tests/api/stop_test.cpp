// The end of a server, while requests are carried out and others wait for a handler.

#include "tests/api/server_fixture.hpp"
#include "tests/in_child.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::tests {
namespace {

using namespace std::chrono_literals;

// A handler that waits for the store, and what stands behind it.
class Stop : public ServerFixture {
 protected:
  // Serves with one handler, which creates "begun" in a store that is held.
  void keep_busy(Duration handler_timeout) {
    serve([&](HttpOptions& limits) {
      limits.handlers = 1;
      limits.handler_timeout = handler_timeout;
    });
    faults->hold(true);
    send(batch("begun"));
    faults->wait_until_held();
  }
  void send(std::string_view request) {
    clients.push_back(std::make_unique<WireClient>(server->port()));
    clients.back()->send(request);
  }
  // Two that a handler carries out alone, and two that it creates together.
  void send_what_waits() {
    for (const char* id : {"a", "b"}) send(batch(id));
    for (const char* id : {"c", "d"}) send(create_request(R"({"instance_id":")" + std::string{id} + "\"}"));
  }
  void expect_that_nobody_waits() {
    for (const auto& client : clients) {
      EXPECT_EQ(client->receive().status, 504);
      EXPECT_TRUE(client->is_closed());
    }
  }
  void expect_that_none_began() {
    for (const char* id : {"a", "b", "c", "d"}) EXPECT_FALSE(anything.find(id)) << id;
  }
  // `idle` has had an answer: its connection waits for another request.
  std::future<void> begin_to_stop(WireClient& idle) {
    auto stopped = std::async(std::launch::async, [&] { server->stop(); });
    EXPECT_TRUE(idle.is_closed());
    return stopped;
  }

  static std::string batch(const std::string& id) {
    const std::string body = R"([{"instance_id":")" + id + "\"}]";
    return "POST /accounts/a/workflows/anything/instances/batch HTTP/1.1\r\nHost: localhost\r\n"
           "Content-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  std::vector<std::unique_ptr<WireClient>> clients;
};

TEST_F(Stop, KeepsNobodyWaitingWhoAsksForThePort) {
  keep_busy(1min);
  const std::uint16_t port = server->port();
  WireClient idle{port};
  EXPECT_EQ(idle.ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
  const auto stopped = begin_to_stop(idle);
  auto asked = std::async(std::launch::async, [&] { return server->port(); });
  EXPECT_EQ(asked.wait_for(10s), std::future_status::ready) << "host code in the handler could ask as well";
  faults->hold(false);
  EXPECT_EQ(asked.get(), port);
  EXPECT_EQ(clients.front()->receive().status, 200);
}

TEST_F(Stop, CarriesNothingOutThatNobodyWaitsForAnyMore) {
  keep_busy(50ms);
  send_what_waits();
  expect_that_nobody_waits();
  WireClient idle{server->port()};
  EXPECT_EQ(idle.ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
  const auto stopped = begin_to_stop(idle);
  faults->hold(false);
  stopped.wait();
  EXPECT_TRUE(anything.find("begun"));
  expect_that_none_began();
}

TEST_F(Stop, IsNotNeededToForgetWhatNobodyWaitsForAnyMore) {
  keep_busy(1s);
  send_what_waits();
  expect_that_nobody_waits();
  WireClient late{server->port()};
  late.send(create_request(R"({"instance_id":"late"})"));
  faults->hold(false);
  EXPECT_EQ(late.receive().status, 200) << "it is in a group with two of them, or behind it";
  EXPECT_EQ(WireClient{server->port()}.ask(plain_request).status, 200);
  EXPECT_TRUE(anything.find("begun"));
  EXPECT_TRUE(anything.find("late"));
  expect_that_none_began();
}

TEST_F(Stop, ClosesWhatHasNotEndedByItsDeadline) {
  serve([](HttpOptions& limits) { limits.stop_timeout = 1ms; });
  WireClient half{server->port()};
  ASSERT_TRUE(
      half.send("POST /accounts/a/workflows/anything/instances HTTP/1.1\r\nHost: localhost\r\n"
                "Expect: 100-continue\r\nContent-Length: 10\r\n\r\n"));
  EXPECT_EQ(half.receive().status, 100) << "the request has begun";
  server->stop();
  EXPECT_TRUE(half.is_closed());
}

TEST_F(Stop, OfAChildOfAForkLeavesEverythingToItsParent) {
  serve();
  WireClient client{server->port()};
  EXPECT_EQ(client.ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
  const int ended = cairn::testing::in_child([&] {
    server->stop();
    server.reset();
    return 0;
  });
  EXPECT_EQ(ended, 0);
  EXPECT_EQ(client.ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
  WireClient another{server->port()};
  EXPECT_EQ(another.ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
}

}  // namespace
}  // namespace cairn::tests
