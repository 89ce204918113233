// The memory that requests and answers take together, and who is refused when it is taken.

#include "tests/api/server_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cairn::tests {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t mib = std::size_t{1} << 20;
constexpr std::size_t limit = 3 * mib;

// An application whose requests are carried out here, so that their answers can be held.
class InFlight : public ApiFixture {
 public:
  InFlight() : ApiFixture(open_memory(), {.bytes_in_flight = limit}) {
    anything.create({.id = "large", .params = std::string(700'000, 'x')});
    anything.create({.id = "small", .params = 1});
  }

  api::Request request(std::string method, const std::string& path, std::string body = {}) {
    api::RequestHead head{.method = std::move(method),
                          .target = "/accounts/a/workflows/anything/instances" + path,
                          .headers = {{"Host", "localhost"}},
                          .body_bytes = body.size()};
    auto admitted = application.admit(head);
    api::Request made{std::get<api::Call>(std::move(admitted)), std::move(body),
                      api::Share{application.account()}};
    EXPECT_TRUE(made.share.resize(made.body.capacity()));
    return made;
  }
};

TEST_F(InFlight, AnAnswerIsCountedUntilItIsGone) {
  {
    api::Request read = request("GET", "/large");
    const api::Response response = application.carry_out(read);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(read.share.bytes(), response.body.capacity());
    EXPECT_GT(application.account().bytes(), 680'000U);
    EXPECT_LT(application.account().bytes(), 800'000U) << "what it took to make it is given back";
  }
  EXPECT_EQ(application.account().bytes(), 0U);
}

TEST_F(InFlight, WhatFindsNoRoomIsToldToComeBackAndChangesNothing) {
  api::Share others{application.account()};
  ASSERT_TRUE(others.resize(limit));
  const std::string body = R"({"instance_id":"made","params":")" + std::string(100'000, 'x') + "\"}";
  for (const char* path : {"", "/batch"}) {
    api::Request create{.call = {.where = {.route = *path == 0 ? api::Route::instances : api::Route::batch,
                                           .workflow = "anything"},
                                 .post = true},
                        .body = *path == 0 ? body : "[" + body + "]",
                        .share = api::Share{application.account()}};
    create.share.settle(create.body.capacity());
    const api::Response refused = application.carry_out(create);
    EXPECT_EQ(refused.status, 503) << path;
    EXPECT_EQ(header(refused, "Retry-After"), "1");
    EXPECT_THAT(refused.body, HasSubstr("workflows.api.error.busy"));
    EXPECT_FALSE(refused.close);
  }
  EXPECT_FALSE(anything.find("made"));
  EXPECT_EQ(ask("GET", "/workflows/anything/instances/large").status, 503);
  EXPECT_EQ(ask("GET", "/workflows/anything/instances?per_page=100").status, 503);
  others = {};
  EXPECT_EQ(ask("GET", "/workflows/anything/instances/large").status, 200);
  EXPECT_EQ(application.account().bytes(), 0U);
}

TEST_F(InFlight, SmallRequestsAreServedWhenLargeOnesHaveTakenAllMemory) {
  api::Share others{application.account()};
  ASSERT_TRUE(others.resize(limit + api::Share::uncounted_bytes));
  EXPECT_EQ(ask("GET", "/workflows/anything/instances/small").status, 200);
  EXPECT_EQ(ask("GET", "/workflows/anything/instances").status, 200);
  EXPECT_EQ(ask("POST", "/workflows/anything/instances", R"({"instance_id":"new"})").status, 200);
  EXPECT_EQ(ask("POST", "/workflows/anything/instances/new/events/word", R"({"a":[1,2,3]})").status, 200);
  EXPECT_EQ(ask("PATCH", "/workflows/anything/instances/new/status", R"({"status":"pause"})").status, 200);
}

// Up to a thousand rows are read at a time to skip them, however short the page is.
TEST_F(InFlight, WhatIsSkippedBeforeAFarPageIsCounted) {
  api::Share others{application.account()};
  ASSERT_TRUE(others.resize(limit - 300'000));
  EXPECT_EQ(ask("GET", "/workflows/anything/instances?page=1").status, 200);
  const api::Response refused = ask("GET", "/workflows/anything/instances?page=1000");
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.body, HasSubstr("workflows.api.error.busy"));
  others = {};
  EXPECT_EQ(ask("GET", "/workflows/anything/instances?page=1000").status, 200);
  EXPECT_EQ(application.account().bytes(), 0U);
}

TEST_F(InFlight, WhatWillNeverFindRoomIsTooLargeAndTheFieldIsNamed) {
  std::string dense = R"({"params":[{})";
  while (dense.size() < 200'000) dense += ",{}";
  const auto [code, message] = ask_refused(413, "POST", "/workflows/anything/instances", dense + "]}");
  EXPECT_EQ(code, 20001);
  EXPECT_THAT(message, HasSubstr("body: takes more memory than all requests together may"));
  EXPECT_THAT(message, HasSubstr("bytes_in_flight"));
  anything.create({.id = "larger", .params = std::string(1'048'000, 'x')});
  const auto [of_record, words] = ask_refused(413, "GET", "/workflows/anything/instances/larger");
  EXPECT_EQ(of_record, 20001);
  EXPECT_THAT(words, HasSubstr("the record of the instance: takes more memory"));
}

TEST_F(InFlight, RequestsThatCreateTogetherAreCountedEachAndThoseWithoutRoomAreLeftOut) {
  std::vector<api::Request> requests;
  for (const char* id : {"a", "b", "c"}) {
    requests.push_back(request("POST", "",
                               R"({"instance_id":")" + std::string{id} + R"(","params":[)" +
                                   std::string(id[0] == 'b' ? 12'000 : 2, ' ') + "]}"));
  }
  api::Share others{application.account()};
  others.settle(limit + api::Share::uncounted_bytes);
  const auto answers = application.create_together(requests);
  EXPECT_TRUE(answers[0]);
  EXPECT_FALSE(answers[1]);
  EXPECT_TRUE(answers[2]);
  EXPECT_EQ(requests[0].share.bytes(), answers[0]->body.capacity());
  EXPECT_EQ(requests[1].share.bytes(), requests[1].body.capacity());
  EXPECT_FALSE(anything.find("b"));
  others = {};
  EXPECT_EQ(application.carry_out(requests[1]).status, 200);
  requests.clear();
  EXPECT_EQ(application.account().bytes(), 0U);
}

// ------------------------------------------------------------------------------------------ through sockets

using InFlightServer = ServerFixture;

std::string long_body(std::size_t bytes) {
  return "{" + std::string(bytes - 2, ' ') + "}";
}

// A server whose account holds four bodies of the largest size, and not five.
void small(HttpOptions& limits) {
  limits.body_bytes = limits.batch_bytes = 256 << 10;
  limits.bytes_in_flight = mib;
}

TEST_F(InFlightServer, BodiesAreCountedWhileTheyCome) {
  serve(small);
  const std::string sized = create_request(long_body(250'000));
  std::string chunked =
      "POST /accounts/a/workflows/anything/instances HTTP/1.1\r\nHost: localhost\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 4; ++i) chunked += "f000\r\n" + std::string(0xf000, ' ') + "\r\n";
  for (const std::string& begin : {sized.substr(0, sized.size() - 300), chunked}) {
    {
      std::deque<WireClient> clients;
      for (int i = 0; i < 5; ++i) clients.emplace_back(server->port()).send(begin);
      const auto is_refused = [](const WireClient& client) { return client.has_news(1); };
      auto refused = clients.begin();
      while ((refused = std::ranges::find_if(clients, is_refused)) == clients.end()) {
      }
      EXPECT_EQ(WireClient{server->port()}.ask(create_request("{}")).status, 200) << "a small one is served";
      const WireResponse response = refused->receive();
      EXPECT_EQ(response.status, 503);
      EXPECT_EQ(response.headers.at("retry-after"), "1");
      EXPECT_EQ(response.headers.at("connection"), "close");
      EXPECT_LT(std::ranges::count_if(clients, is_refused), 4) << "the others' bodies are still awaited";
    }
    int status = 503;  // until what they held has been given back
    for (int attempt = 0; attempt < 1'000 && status == 503; ++attempt)
      status = WireClient{server->port()}.ask(sized).status;
    EXPECT_EQ(status, 200);
  }
}

TEST_F(InFlightServer, WhatAHandlerStillHasIsCountedThoughItsClientIsGone) {
  serve(small);
  const std::string request = create_request(long_body(250'000));
  faults->hold(true);
  {
    WireClient gone{server->port()};
    gone.reset_at_end();
    gone.send(request);
    faults->wait_until_held();
  }
  EXPECT_EQ(WireClient{server->port()}.ask(request).status, 503) << "there is room for one";
  faults->hold(false);
  int status = 503;
  for (int attempt = 0; attempt < 1'000 && status == 503; ++attempt)
    status = WireClient{server->port()}.ask(request).status;
  EXPECT_EQ(status, 200);
}

TEST_F(InFlightServer, ItsAccountMustHoldFourOfTheLargestBodies) {
  const auto refused = [&](const HttpOptions& some) -> std::string {
    try {
      HttpServer never{engine, some};
      return "taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Errc::invalid_argument);
      return error.what();
    }
  };
  EXPECT_EQ(refused({.bytes_in_flight = 64 * mib}), "taken");
  EXPECT_THAT(refused({.bytes_in_flight = 64 * mib - 1}),
              HasSubstr("bytes_in_flight: must be at least 1 MiB, and 4 times body_bytes and batch_bytes"));
  EXPECT_THAT(refused({.body_bytes = 1, .batch_bytes = 1, .bytes_in_flight = mib - 1}),
              HasSubstr("bytes_in_flight"));
}

TEST_F(InFlightServer, WhateverBecomesOfRequestsNothingOfTheAccountIsLost) {
  serve([](HttpOptions& limits) {
    limits.body_bytes = limits.batch_bytes = mib;
    limits.bytes_in_flight = 4 * mib;
    limits.handlers = 2;
  });
  anything.create({.id = "large", .params = std::string(700'000, 'x')});
  const std::string get =
      "GET /accounts/a/workflows/anything/instances/large HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const std::string dense = create_request(R"({"params":[)" + std::string(100'000, '[') + "]}");
  for (int round = 0; round < 30; ++round) {
    WireClient cut{server->port()};
    cut.reset_at_end();
    cut.send(create_request(long_body(900'000)).substr(0, 500'000));
    WireClient unread{server->port()};
    unread.reset_at_end();
    unread.receive_little();
    unread.send(get + get + get + get);
    WireClient bad{server->port()};
    bad.send(dense);
    WireClient gone{server->port()};
    gone.reset_at_end();
    gone.send(create_request(long_body(600'000)));
  }
  // Needs nearly all of it; what the last ones held is given back some time later.
  int status = 503;
  for (int attempt = 0; attempt < 10'000 && status == 503; ++attempt)
    status = WireClient{server->port()}.ask(get).status;
  EXPECT_EQ(status, 200);
}

}  // namespace
}  // namespace cairn::tests
