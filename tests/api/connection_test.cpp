// What a connection may do besides asking and waiting: many requests at once, half a connection, none any
// more.

#include "tests/api/server_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <malloc.h>

#include <cstddef>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace cairn::tests {
namespace {

using ::testing::HasSubstr;

using Connection = ServerFixture;

std::string page_request(std::size_t page, std::string_view method = "GET") {
  return std::string{method} + " /accounts/a/workflows?page=" + std::to_string(page) +
         " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

std::size_t page_of(const WireResponse& response) {
  return json::parse(response.body).at("result_info").at("page");
}

TEST_F(Connection, AThousandRequestsAtOnceAreAnsweredInTheirOrderAndThenItIsClosed) {
  serve([](HttpOptions& limits) { limits.requests_per_connection = 1'000; });
  std::string requests;
  for (std::size_t page = 1; page <= 1'001; ++page) requests += page_request(page);
  WireClient client{server->port()};
  ASSERT_TRUE(client.send(requests));
  for (std::size_t page = 1; page <= 1'000; ++page) {
    const WireResponse response = client.receive();
    ASSERT_EQ(response.status, 200);
    ASSERT_EQ(page_of(response), page);
    ASSERT_EQ(response.headers.at("connection"), page < 1'000 ? "keep-alive" : "close");
  }
  EXPECT_TRUE(client.is_closed());
}

TEST_F(Connection, AnAnswerToHeadHasALengthAndNoBody) {
  serve();
  WireClient client{server->port()};
  const WireResponse full = client.ask(page_request(1));
  const WireResponse head = client.ask(page_request(1, "HEAD"), true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("content-length"), std::to_string(full.body.size()));
  EXPECT_EQ(client.ask(page_request(2)).status, 200) << "no body stands between the two answers";
}

TEST_F(Connection, ARefusalOfHeadHasNoBodyEither) {
  serve([](HttpOptions& limits) {
    limits.header_bytes = 1'024;
    limits.target_bytes = 100;
  });
  const std::string line = "HEAD /healthz HTTP/1.1\r\n";
  const std::string host = "Host: localhost\r\n";
  const std::vector<std::string> heads{
      line + "\r\n",                                                       // no host
      line + "Host : localhost\r\n\r\n",                                   // no field
      line + host + " folded\r\n\r\n",                                     //
      "HEAD /healthz HTTP/1.1\n" + host + "\r\n",                          // a bare line end
      line + "A: " + std::string(1, '\0') + "\r\n\r\n",                    //
      "HEAD /" + std::string(200, 'x') + " HTTP/1.1\r\n" + host + "\r\n",  //
      line + "A: " + std::string(2'000, 'x') + "\r\n\r\n",                 //
      "HEAD / HTTP/2.0\r\n" + host + "\r\n",                               //
      line + host,                                                         // it does not go on
  };
  for (const std::string& head : heads) {
    WireClient client{server->port()};
    ASSERT_TRUE(client.send(head));
    client.shut_down();
    const WireResponse response = client.receive(true);
    EXPECT_GE(response.status, 400) << head;
    EXPECT_NE(response.headers.at("content-length"), "0") << head;
    EXPECT_TRUE(client.is_closed()) << head;
  }
}

TEST_F(Connection, ABodyIsAskedForOnlyWhenItIsWanted) {
  serve();
  const auto asks = [&](const std::string& target, const std::string& host, const std::string& length) {
    return "POST " + target + " HTTP/1.1\r\nHost: " + host +
           "\r\nExpect: 100-continue\r\nContent-Length: " + length + "\r\n\r\n";
  };
  const std::string instances = "/accounts/a/workflows/anything/instances";
  WireClient client{server->port()};
  EXPECT_EQ(client.ask(asks(instances, "localhost", "2")).status, 100);
  EXPECT_EQ(client.ask("{}").status, 200);
  EXPECT_EQ(client.ask(asks(instances, "localhost", "0")).status, 200) << "nothing is to come";
  EXPECT_EQ(client.ask(asks(instances, "localhost", "2") + "{}").status, 200) << "it is there already";

  EXPECT_EQ(WireClient{server->port()}.ask(asks(instances, "localhost", "999999999")).status, 413);
  EXPECT_EQ(WireClient{server->port()}.ask(asks(instances, "evil.example", "2")).status, 421);
  EXPECT_EQ(WireClient{server->port()}.ask(asks("/none", "localhost", "2")).status, 404);
}

TEST_F(Connection, ThatEndsBehindARequestIsAnsweredAndInsideOneToldSo) {
  serve();
  WireClient whole{server->port()};
  whole.send(create_request("{}"));
  whole.shut_down();
  EXPECT_EQ(whole.receive().status, 200);
  EXPECT_TRUE(whole.is_closed());

  const std::string request = create_request(R"({"instance_id":"half"})");
  for (const std::size_t missing : {request.size() - 8, std::size_t{40}, std::size_t{1}}) {
    const std::string part = request.substr(0, request.size() - missing);
    WireClient cut{server->port()};
    cut.send(part);
    cut.shut_down();
    EXPECT_EQ(cut.receive().status, 400) << part;
    EXPECT_TRUE(cut.is_closed());
  }
  EXPECT_FALSE(anything.find("half"));
}

TEST_F(Connection, ThatEndsBehindAnEmptyLineIsToldNothing) {
  serve();
  WireClient client{server->port()};
  client.send(create_request("{}") + "\r\n");
  client.shut_down();
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_TRUE(client.is_closed());
}

// The server hears of it some time later, so the next client may have to ask more than once.
int status_of_the_next_client(std::uint16_t port) {
  int status = 503;
  for (int attempt = 0; attempt < 1'000 && status == 503; ++attempt)
    status = WireClient{port}.ask(plain_request).status;
  return status;
}

TEST_F(Connection, ThatIsResetGivesItsPlaceBackAndWhatItCommittedStays) {
  serve([](HttpOptions& limits) { limits.connections = 1; });
  {
    WireClient in_request{server->port()};
    in_request.reset_at_end();
    in_request.send("GET / HT");
  }
  EXPECT_EQ(status_of_the_next_client(server->port()), 200);
  faults->hold(true);
  {
    WireClient in_work{server->port()};
    ASSERT_EQ(in_work.ask(plain_request).status, 200);
    in_work.reset_at_end();
    in_work.send(create_request(R"({"instance_id":"reset"})"));
    faults->wait_until_held();
  }
  faults->hold(false);
  EXPECT_EQ(status_of_the_next_client(server->port()), 200);
  server->stop();
  EXPECT_TRUE(anything.find("reset"));
}

TEST_F(Connection, ThatIsResetInsideAnAnswerGivesItsPlaceBack) {
  serve([](HttpOptions& limits) { limits.connections = 1; });
  anything.create({.id = "large", .params = std::string(500'000, 'x')});
  {
    WireClient client{server->port()};
    client.receive_little();
    client.reset_at_end();
    client.send("GET /accounts/a/workflows/anything/instances/large HTTP/1.1\r\nHost: localhost\r\n\r\n");
    ASSERT_TRUE(client.has_news(10'000));
  }
  EXPECT_EQ(status_of_the_next_client(server->port()), 200);
}

TEST_F(Connection, BeyondTheLimitIsToldSoAndClosed) {
  serve([](HttpOptions& limits) { limits.connections = 2; });
  auto first = std::make_unique<WireClient>(server->port());
  WireClient second{server->port()};
  EXPECT_EQ(first->ask(plain_request).status, 200);
  EXPECT_EQ(second.ask(plain_request).status, 200);
  WireClient third{server->port()};
  const WireResponse refused = third.receive();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.at("retry-after"), "1");
  EXPECT_TRUE(third.is_closed());
  first.reset();
  EXPECT_EQ(status_of_the_next_client(server->port()), 200);
  EXPECT_EQ(second.ask(plain_request).status, 200);
}

TEST_F(Connection, ThatIsIdleHoldsLittleMemory) {
  serve();
  std::vector<std::unique_ptr<WireClient>> clients(200);
  const std::size_t before = ::mallinfo2().uordblks;
  for (auto& client : clients) {
    client = std::make_unique<WireClient>(server->port());
    ASSERT_EQ(client->ask(create_request(R"({"params":")" + std::string(100'000, 'x') + "\"}")).status, 200);
  }
  const std::size_t stored = clients.size() * 100'000;  // the store is in memory
  const std::size_t after = ::mallinfo2().uordblks;
  EXPECT_LT(after, before + stored + clients.size() * (std::size_t{32} << 10));
}

TEST_F(Connection, ThatIsIdleHoldsNothingOfALargeAnswer) {
  serve();
  anything.create({.id = "large", .params = std::string(500'000, 'x')});
  std::vector<std::unique_ptr<WireClient>> clients(100);
  const auto used = [] {
    const struct mallinfo2 info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
  };
  const std::size_t before = used();
  for (auto& client : clients) {
    client = std::make_unique<WireClient>(server->port());
    const WireResponse response = client->ask(
        "GET /accounts/a/workflows/anything/instances/large HTTP/1.1\r\nHost: localhost\r\n\r\n");
    ASSERT_EQ(response.status, 200);
  }
  EXPECT_LT(used(), before + clients.size() * (std::size_t{64} << 10) + (std::size_t{4} << 20));
}

TEST_F(Connection, AStopLetsRequestsThatHaveBegunFinishAndTakesNoMore) {
  serve();
  WireClient idle{server->port()};
  EXPECT_EQ(idle.ask(plain_request).status, 200);
  faults->hold(true);
  WireClient client{server->port()};
  client.send(create_request(R"({"instance_id":"begun"})"));
  faults->wait_until_held();
  const std::uint16_t port = server->port();
  const auto stopping = std::async(std::launch::async, [&] { server->stop(); });
  EXPECT_TRUE(idle.is_closed());
  EXPECT_THROW(WireClient{port}.ask(plain_request), std::runtime_error);
  faults->hold(false);
  const WireResponse response = client.receive();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.at("connection"), "close");
  EXPECT_TRUE(client.is_closed());
}

}  // namespace
}  // namespace cairn::tests
