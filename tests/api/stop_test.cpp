// The end of a server, while requests are carried out and others wait for a handler.

#include "tests/api/server_fixture.hpp"

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

}  // namespace
}  // namespace cairn::tests
