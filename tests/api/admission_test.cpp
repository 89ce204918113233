#include "api/requests/admission.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace cairn::api {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view instances = "/client/v4/accounts/acc/workflows/w/instances";

struct Decision {
  int status = 0;  // 0: admitted
  bool close = false;
  std::string allow;
  std::string body;
  std::string accept = {};
};

Decision decide(std::string method, std::string target, Headers headers,
                std::optional<std::uint64_t> body_bytes = 0, const HttpOptions& options = {}) {
  const RequestHead head{.method = std::move(method),
                         .target = std::move(target),
                         .headers = std::move(headers),
                         .body_bytes = body_bytes};
  const std::variant<Call, Response> decided = admit(head, options);
  const auto* response = std::get_if<Response>(&decided);
  if (response == nullptr) return {};
  const std::string* allow = find_header(response->headers, "Allow");
  const std::string* accept = find_header(response->headers, "Accept");
  return {response->status, response->close, allow == nullptr ? "" : *allow, response->body,
          accept == nullptr ? "" : *accept};
}

int status_with(Header header, std::string method = "POST", std::optional<std::uint64_t> body_bytes = 2) {
  return decide(std::move(method), std::string{instances}, {{"Host", "localhost"}, std::move(header)},
                body_bytes)
      .status;
}

TEST(Admission, KnowsTheNamesOfThisMachine) {
  for (const char* host : {"localhost", "LocalHost:8787", "127.0.0.1", "127.0.0.1:1", "127.255.0.9:65535",
                           "[::1]", "[::1]:80"}) {
    EXPECT_TRUE(is_local_host(host)) << host;
  }
}

TEST(Admission, RefusesEveryOtherHost) {
  for (const char* host :
       {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "128.0.0.1", "127.0.0",
        "127.0.0.256", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:a", "localhost:80:80", "::1", "[::1",
        "[::2]", "[::1]x", "0.0.0.0", "localhost@evil", "127.0.0.1:-1"}) {
    EXPECT_FALSE(is_local_host(host)) << host;
  }
  EXPECT_EQ(decide("GET", std::string{instances}, {{"Host", "evil.example:8787"}}).status, 421);
}

TEST(Admission, ARequestOfHttp10MayLeaveTheHostOut) {
  EXPECT_EQ(decide("GET", std::string{instances}, {}).status, 0);
}

TEST(Admission, RefusesPagesOfOtherOrigins) {
  const auto with_origin = [](std::string origin) {
    return decide("POST", std::string{instances}, {{"Host", "localhost:8787"}, {"Origin", std::move(origin)}})
        .status;
  };
  EXPECT_EQ(with_origin("http://localhost:8787"), 0);
  for (const char* origin : {"https://evil.example", "null", "http://localhost:3000", "http://localhost",
                             "https://localhost:8787", ""}) {
    EXPECT_EQ(with_origin(origin), 403) << origin;
  }
  EXPECT_EQ(decide("POST", std::string{instances}, {{"Origin", "http://"}}).status, 403) << "without a Host";
}

TEST(Admission, RefusesWhatABrowserSendsForAnotherSite) {
  EXPECT_EQ(status_with({"Sec-Fetch-Site", "same-origin"}), 0);
  EXPECT_EQ(status_with({"Sec-Fetch-Site", "none"}), 0);
  EXPECT_EQ(status_with({"Sec-Fetch-Site", "cross-site"}), 403);
  EXPECT_EQ(status_with({"Sec-Fetch-Site", "same-site"}), 403);
  EXPECT_EQ(status_with({"sec-fetch-site", "cross-site"}, "GET", 0), 403);
}

TEST(Admission, TakesJsonAndBodiesWithoutAType) {
  EXPECT_EQ(status_with({"Content-Type", "application/json"}), 0);
  EXPECT_EQ(status_with({"content-type", "Application/JSON ; charset=utf-8"}), 0);
  EXPECT_EQ(status_with({"Accept", "*/*"}), 0);
}

TEST(Admission, RefusesTheTypesThatAFormCanSend) {
  for (const char* type : {"application/x-www-form-urlencoded", "text/plain", "text/plain;charset=UTF-8",
                           "multipart/form-data; boundary=x"}) {
    EXPECT_EQ(status_with({"Content-Type", type}), 415) << type;
  }
}

TEST(Admission, TakesThemBesideATokenWhichNoFormCanSend) {
  const auto with_token = [](std::string type) {
    return decide(
               "POST", std::string{instances},
               {{"Host", "localhost"}, {"Content-Type", std::move(type)}, {"Authorization", "Bearer token"}},
               2)
        .status;
  };
  EXPECT_EQ(with_token("application/x-www-form-urlencoded"), 0);
  EXPECT_EQ(with_token("text/plain;charset=UTF-8"), 0);
  EXPECT_EQ(with_token("multipart/form-data"), 415);
  EXPECT_EQ(with_token("application/octet-stream"), 415);
}

TEST(Admission, RefusesCompressedBodies) {
  EXPECT_EQ(status_with({"Content-Encoding", "gzip"}), 415);
  EXPECT_EQ(status_with({"Content-Encoding", "gzip"}, "POST", std::nullopt), 415);
}

TEST(Admission, TellsWhichTypeItTakesToWhoeverSendsAnother) {
  for (const Header& header : {Header{"Content-Type", "text/plain"}, Header{"Content-Encoding", "gzip"}}) {
    const Decision decision = decide("POST", std::string{instances}, {{"Host", "localhost"}, header}, 2);
    EXPECT_EQ(decision.status, 415);
    EXPECT_EQ(decision.accept, "application/json");
  }
}

TEST(Admission, TheTypeOfNoBodyDoesNotMatter) {
  EXPECT_EQ(status_with({"Content-Type", "text/html"}, "POST", 0), 0);
}

TEST(Admission, RefusesALongBodyByItsAnnouncedLengthAlone) {
  HttpOptions options;
  options.body_bytes = 100;
  options.batch_bytes = 200;
  const auto status = [&](std::string_view tail, std::uint64_t bytes) {
    return decide("POST", std::string{instances} + std::string{tail}, {{"Host", "localhost"}}, bytes, options)
        .status;
  };
  EXPECT_EQ(status("", 100), 0);
  EXPECT_EQ(status("", 101), 413);
  EXPECT_EQ(status("/batch", 200), 0);
  EXPECT_EQ(status("/batch", 201), 413);
  EXPECT_EQ(status("/i/events/e", UINT64_MAX), 413);
}

TEST(Admission, ClosesTheConnectionWhenABodyWouldFollowARefusal) {
  EXPECT_TRUE(decide("POST", "/nowhere", {{"Host", "localhost"}}, 10).close);
  EXPECT_TRUE(decide("POST", "/nowhere", {{"Host", "localhost"}}, std::nullopt).close);
  EXPECT_FALSE(decide("POST", "/nowhere", {{"Host", "localhost"}}, 0).close);
}

TEST(Admission, AnswersOptionsWithTheMethodsAndNothingForOtherOrigins) {
  const Decision decision = decide("OPTIONS", std::string{instances} + "/i/status", {{"Host", "localhost"}});
  EXPECT_EQ(decision.status, 204);
  EXPECT_EQ(decision.allow, "OPTIONS, PATCH");
  EXPECT_EQ(decision.body, "");
}

TEST(Admission, TellsTheMethodsOfARouteToAWrongOne) {
  const Decision decision = decide("GET", std::string{instances} + "/batch", {{"Host", "localhost"}});
  EXPECT_EQ(decision.status, 405);
  EXPECT_EQ(decision.allow, "OPTIONS, POST");
  EXPECT_THAT(decision.body, HasSubstr(R"("code":7001)"));
}

TEST(Admission, RefusesMethodsThatNoRouteHas) {
  for (const char* method : {"PUT", "DELETE"}) {
    const Decision decision = decide(method, std::string{instances}, {{"Host", "localhost"}});
    EXPECT_EQ(decision.status, 405) << method;
    EXPECT_THAT(decision.allow, HasSubstr("POST")) << method;
  }
}

TEST(Admission, SaysOfMethodsThatItDoesNotKnowThatTheyAreNotImplemented) {
  for (const char* method : {"TRACE", "BREW", "get"}) {
    const Decision decision = decide(method, std::string{instances}, {{"Host", "localhost"}});
    EXPECT_EQ(decision.status, 501) << method;
    EXPECT_THAT(decision.allow, HasSubstr("POST")) << method;
    EXPECT_EQ(decide(method, "/nowhere", {{"Host", "localhost"}}).status, 501) << method;
  }
  EXPECT_EQ(decide("CONNECT", "localhost:80", {{"Host", "localhost"}}).status, 501);
}

TEST(Admission, TellsTheMethodsOfTheWholeServer) {
  const Decision decision = decide("OPTIONS", "*", {{"Host", "localhost"}});
  EXPECT_EQ(decision.status, 204);
  EXPECT_EQ(decision.allow, "GET, HEAD, OPTIONS, PATCH, POST");
  EXPECT_EQ(decide("OPTIONS", "*", {{"Host", "evil.example"}}).status, 421);
}

TEST(Admission, TakesTheHostOfAnAbsoluteTargetBeforeThatOfTheField) {
  const std::string target = "http://localhost:8787" + std::string{instances};
  EXPECT_EQ(decide("GET", target, {{"Host", "evil.example"}}).status, 0);
  EXPECT_EQ(decide("GET", target, {{"Host", "x"}, {"Origin", "http://localhost:8787"}}).status, 0);
  EXPECT_EQ(decide("GET", target, {{"Host", "localhost"}, {"Origin", "http://localhost"}}).status, 403);
  EXPECT_EQ(decide("GET", "http://evil.example" + std::string{instances}, {{"Host", "localhost"}}).status,
            421);
}

TEST(Admission, AnUnknownRouteIsNotFound) {
  const Decision decision = decide("GET", "/nowhere", {{"Host", "localhost"}});
  EXPECT_EQ(decision.status, 404);
  EXPECT_THAT(decision.body, HasSubstr(R"("code":7003)"));
  EXPECT_EQ(decide("DELETE", "/nowhere", {{"Host", "localhost"}}).status, 404);
}

TEST(Admission, ABadTargetIsABadRequest) {
  for (const char* target :
       {"https://localhost/", "http://localhost//x", "*", "//x", "/a/../b", "/%00", "/%zz", "/\xc3\xa9"}) {
    EXPECT_EQ(decide("GET", target, {{"Host", "localhost"}}).status, 400) << target;
  }
}

TEST(Admission, TheAnswerToHeadHasNoBody) {
  const RequestHead head{.method = "HEAD", .target = "/nowhere", .headers = {{"Host", "localhost"}}};
  const std::variant<Call, Response> decided = admit(head, {});
  EXPECT_TRUE(std::get<Response>(decided).without_body);
}

}  // namespace
}  // namespace cairn::api
