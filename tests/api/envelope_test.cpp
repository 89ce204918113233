#include "api/requests/envelope.hpp"

#include "api/connections/response_head.hpp"
#include "api/requests/text.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

namespace cairn::api {
namespace {

using namespace std::chrono_literals;

std::string text_of(std::string_view text) {
  std::string out;
  append_string(out, text);
  return out;
}

TEST(Envelope, WrapsAResult) {
  Envelope envelope;
  envelope.out() += "[1]";
  EXPECT_EQ(std::move(envelope).finish().body, R"({"success":true,"errors":[],"messages":[],"result":[1]})");
}

TEST(Envelope, TellsOfMessagesAndOfThePage) {
  Envelope envelope{0, R"([{"code":1,"message":"m"}])"};
  envelope.out() += "[]";
  EXPECT_EQ(std::move(envelope)
                .finish({.count = 0, .per_page = 25, .total_count = 3, .page = 2, .cursor = "k\"1"})
                .body,
            R"({"success":true,"errors":[],"messages":[{"code":1,"message":"m"}],"result":[],)"
            R"("result_info":{"count":0,"per_page":25,"total_count":3,"page":2,"cursor":"k\"1"}})");
}

TEST(Envelope, WrapsAFailureWithPlainMessages) {
  EXPECT_EQ(
      failure(400, 10002, "no", {"a", "b"}).body,
      R"({"success":false,"errors":[{"code":10002,"message":"no"}],"messages":["a","b"],"result":null})");
}

TEST(Envelope, IsJsonThatNobodyCachesOrGuessesAt) {
  const Response response = failure(400, 10002, "no");
  EXPECT_EQ(*find_header(response.headers, "content-type"), "application/json");
  EXPECT_EQ(*find_header(response.headers, "cache-control"), "no-store");
  EXPECT_EQ(*find_header(response.headers, "x-content-type-options"), "nosniff");
}

TEST(Text, EscapesWhatJsonCannotHold) {
  EXPECT_EQ(text_of("a\"b\\c\n\r\t\x01\x7f"), R"("a\"b\\c\n\r\t\u0001\u007f")");
  EXPECT_EQ(text_of(std::string_view{"a\0b", 3}), R"("a\u0000b")");
}

TEST(Text, KeepsUtf8AndReplacesWhatIsNone) {
  EXPECT_EQ(text_of("é"), "\"é\"");
  EXPECT_EQ(text_of("a\xff\xc3"), "\"a??\"");
}

TEST(Text, ShowsForeignTextShortAndPrintable) {
  EXPECT_EQ(excerpt("a\nb\xff"), "'a?b?'");
  EXPECT_EQ(excerpt(std::string(41, 'x')), "'" + std::string(40, 'x') + "…'");
}

TEST(ResponseHead, SaysLengthDateAndWhatBecomesOfTheConnection) {
  Response response{.status = 404, .headers = {{"X", "y"}}, .body = "12345"};
  EXPECT_EQ(response_head(response, true, std::chrono::sys_seconds{784'111'777s}),
            "HTTP/1.1 404 Not Found\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nConnection: keep-alive\r\n"
            "Content-Length: 5\r\nX: y\r\n\r\n");
}

TEST(ResponseHead, KeepsTheBlankOfAStatusWithoutAReason) {
  EXPECT_EQ(response_head({.status = 299}, true, {}).find("HTTP/1.1 299 \r\n"), 0U) << "RFC 9112, 4";
}

TEST(ResponseHead, ANoContentHasNoLength) {
  EXPECT_EQ(response_head({.status = 204}, false, std::chrono::sys_seconds{0s}),
            "HTTP/1.1 204 No Content\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nConnection: close\r\n\r\n");
}

}  // namespace
}  // namespace cairn::api
