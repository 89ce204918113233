// Requests byte for byte, through a real socket: what is answered, and whether the connection can still be
// used.

#include "tests/api/api_fixture.hpp"
#include "tests/api/wire_client.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::tests {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

enum After { stays_open, closes };

struct Case {
  const char* name;
  std::string request;
  int status;
  After after;
};

// A request on the instances of `anything`: with these fields after the Host, and this body.
std::string post(std::string_view fields, std::string_view body, std::string_view target = "/instances") {
  return "POST /client/v4/accounts/acc/workflows/anything" + std::string{target} +
         " HTTP/1.1\r\nHost: localhost\r\n" + std::string{fields} + "\r\n" + std::string{body};
}

std::string get(std::string_view fields, std::string_view target = "/accounts/a/workflows",
                std::string_view version = "HTTP/1.1") {
  return "GET " + std::string{target} + " " + std::string{version} + "\r\n" + std::string{fields} + "\r\n";
}

std::string sized(std::string_view body, std::string_view target = "/instances") {
  return post("Content-Length: " + std::to_string(body.size()) + "\r\n", body, target);
}

class Http1 : public ApiFixture {
 public:
  Http1()
      : server(engine, [] {
          HttpOptions some;
          some.port = 0;
          some.body_bytes = 100'000;
          return some;
        }()) {
    server.start();
  }

  void check(const std::vector<Case>& cases) {
    for (const Case& one : cases) {
      SCOPED_TRACE(one.name);
      check(one);
    }
  }

  void check(const Case& one) {
    WireClient client{server.port()};
    const WireResponse response = client.ask(one.request);
    EXPECT_EQ(response.status, one.status) << response.body;
    if (response.status != 204) {
      EXPECT_EQ(response.headers.at("content-type"), "application/json");
    }
    EXPECT_EQ(response.headers.at("connection"), one.after == closes ? "close" : "keep-alive");
    if (one.after == closes) {
      EXPECT_TRUE(client.is_closed());
    } else {
      EXPECT_EQ(client.ask(plain_request).status, 200) << "the connection can be used again";
    }
  }

  HttpServer server;
};

TEST_F(Http1, TakesGoodRequests) {
  check({
      {"get", get("Host: localhost\r\n"), 200, stays_open},
      {"get of HTTP/1.0", get("", "/accounts/a/workflows", "HTTP/1.0"), 200, closes},
      {"get of HTTP/1.0 that stays", get("Connection: Keep-Alive\r\n", "/accounts/a/workflows", "HTTP/1.0"),
       200, stays_open},
      {"connection close", get("Host: localhost\r\nConnection: close\r\n"), 200, closes},
      {"address with port", get("Host: 127.0.0.1:8787\r\n"), 200, stays_open},
      {"address of IPv6", get("Host: [::1]:8787\r\n"), 200, stays_open},
      {"field without a value", get("Host: localhost\r\nX-Empty:\r\n"), 200, stays_open},
      {"field names in any case", get("hOST: localhost\r\n"), 200, stays_open},
      {"offer to upgrade is left aside",
       get("Host: localhost\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n"), 200, stays_open},
      {"body of a get is read and left aside", get("Host: localhost\r\nContent-Length: 2\r\n") + "{}", 200,
       stays_open},
      {"post", sized("{}"), 200, stays_open},
      {"post without a body", post("", ""), 200, stays_open},
      {"length 0", post("Content-Length: 0\r\n", ""), 200, stays_open},
      {"length with leading zeros", post("Content-Length: 002\r\n", "{}"), 200, stays_open},
      {"chunked", post("Transfer-Encoding: chunked\r\n", "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"), 200, stays_open},
      {"chunked, upper case", post("Transfer-Encoding: CHUNKED\r\n", "2\r\n{}\r\n0\r\n\r\n"), 200,
       stays_open},
      {"chunk extension", post("Transfer-Encoding: chunked\r\n", "2;a=b\r\n{}\r\n0\r\n\r\n"), 200,
       stays_open},
      {"trailer", post("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\nX: y\r\n\r\n"), 200, stays_open},
      {"empty line before the request", "\r\n" + get("Host: localhost\r\n"), 200, stays_open},
      {"empty lines before the request", "\r\n\r\n\r\n" + get("Host: localhost\r\n"), 200, stays_open},
      {"empty line behind the request", get("Host: localhost\r\n") + "\r\n", 200, stays_open},
      {"empty line behind a body", sized("{}") + "\r\n\r\n", 200, stays_open},
      {"options", "OPTIONS /accounts/a/workflows HTTP/1.1\r\nHost: localhost\r\n\r\n", 204, stays_open},
      {"options of the server", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", 204, stays_open},
      {"later minor version", get("Host: localhost\r\n", "/accounts/a/workflows", "HTTP/1.2"), 200,
       stays_open},
      {"latest minor version", get("Host: localhost\r\n", "/accounts/a/workflows", "HTTP/1.9"), 200,
       stays_open},
      {"absolute target", get("Host: localhost\r\n", "http://localhost:8787/accounts/a/workflows?page=1"),
       200, stays_open},
      {"absolute target counts, not the Host",
       get("Host: evil.example\r\n", "HTTP://[::1]/accounts/a/workflows"), 200, stays_open},
      {"absolute target of HTTP/1.0", get("", "http://127.0.0.1/accounts/a/workflows", "HTTP/1.0"), 200,
       closes},
      {"list with a slash at the end", get("Host: localhost\r\n", "/accounts/a/workflows/"), 200, stays_open},
  });
}

TEST_F(Http1, RefusesRequestsThatTwoReadersCouldReadDifferently) {
  check({
      {"chunked in HTTP/1.0",
       "POST /x HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, closes},
      {"identity", post("Transfer-Encoding: identity\r\n", "GET /y HTTP/1.1\r\n\r\n"), 501, closes},
      {"xchunked", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 501, closes},
      {"chunked, identity", post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), 501, closes},
      {"gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501, closes},
      {"chunked twice in one field", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 501,
       closes},
      {"two transfer encodings",
       post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400, closes},
      {"identity, then chunked",
       post("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400, closes},
      {"length, then chunked", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400,
       closes},
      {"chunked, then length", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), 400,
       closes},
      {"identity and length", post("Transfer-Encoding: identity\r\nContent-Length: 2\r\n", "{}"), 400,
       closes},
      {"empty transfer encoding", post("Transfer-Encoding:\r\n", "{}"), 501, closes},
      {"two lengths", post("Content-Length: 2\r\nContent-Length: 3\r\n", "{}"), 400, closes},
      {"the same length twice", post("Content-Length: 2\r\nContent-Length: 2\r\n", "{}"), 400, closes},
      {"list of lengths", post("Content-Length: 2, 2\r\n", "{}"), 400, closes},
      {"length with a sign", post("Content-Length: +2\r\n", "{}"), 400, closes},
      {"negative length", post("Content-Length: -2\r\n", "{}"), 400, closes},
      {"hexadecimal length", post("Content-Length: 0x2\r\n", "{}"), 400, closes},
      {"length with a blank inside", post("Content-Length: 1 2\r\n", "{}"), 400, closes},
      {"empty length", post("Content-Length:\r\n", "{}"), 400, closes},
      {"length of 2^64", post("Content-Length: 18446744073709551616\r\n", "{}"), 400, closes},
      {"bad chunk size", post("Transfer-Encoding: chunked\r\n", "g\r\n{}\r\n0\r\n\r\n"), 400, closes},
      {"negative chunk size", post("Transfer-Encoding: chunked\r\n", "-1\r\n{}\r\n0\r\n\r\n"), 400, closes},
      {"chunk size with 0x", post("Transfer-Encoding: chunked\r\n", "0x2\r\n{}\r\n0\r\n\r\n"), 400, closes},
      {"chunk size beyond 2^64",
       post("Transfer-Encoding: chunked\r\n", "10000000000000000\r\n{}\r\n0\r\n\r\n"), 400, closes},
      {"chunk size without a size", post("Transfer-Encoding: chunked\r\n", "\r\n{}\r\n0\r\n\r\n"), 400,
       closes},
      {"chunk without its end", post("Transfer-Encoding: chunked\r\n", "1\r\n{}\r\n0\r\n\r\n"), 400, closes},
      {"chunk that ends with LF alone", post("Transfer-Encoding: chunked\r\n", "2\n{}\n0\n\n0\r\n\r\n"), 400,
       closes},
      {"CR alone behind a chunk size", post("Transfer-Encoding: chunked\r\n", "2\r{}\r\n0\r\n\r\n"), 400,
       closes},
      {"LF alone in a chunk extension", post("Transfer-Encoding: chunked\r\n", "2;a\n{}\r\n0\r\n\r\n"), 400,
       closes},
      {"LF alone behind a chunk extension's value",
       post("Transfer-Encoding: chunked\r\n", "2;a=b\nxx\r\n{}\r\n0\r\n\r\n"), 400, closes},
      {"LF alone in a quoted chunk extension",
       post("Transfer-Encoding: chunked\r\n", "2;a=\"\n\"\r\n{}\r\n0\r\n\r\n"), 400, closes},
      {"CR alone in a chunk extension", post("Transfer-Encoding: chunked\r\n", "2;a\rb\r\n{}\r\n0\r\n\r\n"),
       400, closes},
      {"NUL in a chunk extension", post("Transfer-Encoding: chunked\r\n", "2;a=\0\r\n{}\r\n0\r\n\r\n"sv), 400,
       closes},
      {"LF alone in the trailer", post("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\nX: y\n\r\n\r\n"),
       400, closes},
      {"folded trailer", post("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\nX: y\r\n z\r\n\r\n"), 400,
       closes},
      {"vertical tab before chunked",
       post("Transfer-Encoding: \x0b"
            "chunked\r\n",
            "0\r\n\r\n"),
       400, closes},
      {"chunked in quotes", post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"), 501, closes},
      {"chunked with a parameter", post("Transfer-Encoding: chunked;a=b\r\n", "0\r\n\r\n"), 501, closes},
      {"blank before the colon of the encoding", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400,
       closes},
      {"length with a vertical tab", post("Content-Length: 2\x0b\r\n", "{}"), 400, closes},
      {"folded field", get("Host: localhost\r\nX: a\r\n b\r\n"), 400, closes},
      {"folded with a tab", get("Host: localhost\r\nX: a\r\n\tb\r\n"), 400, closes},
      {"folded before the first field", get(" Host: localhost\r\n"), 400, closes},
      {"blank before the colon", get("Host : localhost\r\n"), 400, closes},
      {"field without a name", get("Host: localhost\r\n: x\r\n"), 400, closes},
      {"field without a colon", get("Host: localhost\r\nX\r\n"), 400, closes},
      {"NUL in a field", get("Host: localhost\r\nX: a\0b\r\n"sv), 400, closes},
      {"NUL in the target", get("Host: localhost\r\n", "/a\0b"sv), 400, closes},
      {"CR alone in a field", get("Host: localhost\r\nX: a\rb\r\n"), 400, closes},
      {"LF alone as a line's end", get("Host: localhost\nX: y\r\n"), 400, closes},
      {"LF alone everywhere", "GET / HTTP/1.1\nHost: localhost\n\n", 400, closes},
      {"no Host", get(""), 400, closes},
      {"two Hosts", get("Host: localhost\r\nHost: localhost\r\n"), 400, closes},
      {"two Origins", get("Host: localhost\r\nOrigin: http://localhost\r\nOrigin: http://evil.example\r\n"),
       400, closes},
      {"two Content-Types",
       post("Content-Type: application/json\r\ncontent-type: text/plain\r\nContent-Length: 2\r\n", "{}"), 400,
       closes},
      {"two Content-Types of no body",
       get("Host: localhost\r\nContent-Type: text/html\r\nContent-Type: text/html\r\n"), 400, closes},
      {"two Authorizations", get("Host: localhost\r\nAuthorization: a\r\nAuthorization: b\r\n"), 400, closes},
      {"two Sec-Fetch-Sites",
       get("Host: localhost\r\nSec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site\r\n"), 400, closes},
  });
}

// No more bytes come: a line that cannot end any more is not waited for.
TEST_F(Http1, WaitsForNoLineThatHasABareEnd) {
  check({
      {"LF behind a chunk's size", post("Transfer-Encoding: chunked\r\n", "2\n{}"), 400, closes},
      {"LF everywhere around chunks", post("Transfer-Encoding: chunked\r\n", "2\n{}\n0\n\n"), 400, closes},
      {"CR behind a chunk's size", post("Transfer-Encoding: chunked\r\n", "2\r{}"), 400, closes},
      {"LF in a chunk's extension", post("Transfer-Encoding: chunked\r\n", "2;a=b\n"), 400, closes},
      {"LF behind a chunk", post("Transfer-Encoding: chunked\r\n", "2\r\n{}\n"), 400, closes},
      {"LF behind the last chunk's size", post("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\n"), 400,
       closes},
      {"LF instead of the trailer", post("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\n"), 400,
       closes},
      {"LF in the trailer", post("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\nX: y\n"), 400, closes},
      {"CR in the trailer", post("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\nX: y\rZ"), 400, closes},
      {"LF in the head", "GET / HTTP/1.1\n", 400, closes},
      {"CR in the head", "GET / HTTP/1.1\rHost", 400, closes},
  });
}

TEST_F(Http1, AnswersALaterMinorVersionAsItsOwn) {
  WireClient client{server.port()};
  ASSERT_TRUE(client.send(get("Host: localhost\r\n", "/accounts/a/workflows", "HTTP/1.2")));
  const WireResponse response = client.receive();
  EXPECT_EQ(response.version, "HTTP/1.1");
  EXPECT_EQ(response.status, 200);
}

TEST_F(Http1, RefusesWhatIsNoHttp11) {
  check({
      {"HTTP/0.9", "GET /\r\n\r\n", 400, closes},
      {"preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, closes},
      {"HTTP/2.1", get("Host: localhost\r\n", "/", "HTTP/2.1"), 505, closes},
      {"HTTP/1.22", get("Host: localhost\r\n", "/", "HTTP/1.22"), 505, closes},
      {"HTTP/3.7", get("Host: localhost\r\n", "/", "HTTP/3.7"), 505, closes},
      {"http in lower case", get("Host: localhost\r\n", "/", "http/1.1"), 505, closes},
      {"greeting of TLS", "\x16\x03\x01\x02\x01\x01\x01\xfc\x03\x03\r\n\r\n", 400, closes},
      {"two blanks", "GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, closes},
      {"blank at the end", "GET / HTTP/1.1 \r\nHost: localhost\r\n\r\n", 505, closes},
      {"method that is no token", "G(T / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, closes},
  });
}

TEST_F(Http1, RefusesTargetsOtherThanAPath) {
  const auto with = [](std::string_view target) { return get("Host: localhost\r\n", target); };
  check({
      {"absolute, of another scheme", with("https://localhost/accounts/a/workflows"), 400, stays_open},
      {"absolute, of another host", with("http://evil.example/accounts/a/workflows"), 421, stays_open},
      {"absolute, of a user", with("http://user@localhost/accounts/a/workflows"), 421, stays_open},
      {"absolute, of no host", with("http:///accounts/a/workflows"), 421, stays_open},
      {"absolute, without a path", with("http://localhost"), 404, stays_open},
      {"absolute, without a path but with a query", with("http://localhost?page=1"), 404, stays_open},
      {"asterisk", with("*"), 400, stays_open},
      {"two slashes", with("//accounts/a/workflows"), 400, stays_open},
      {"dot segments", with("/accounts/../accounts/a/workflows"), 400, stays_open},
      {"escaped dot segments", with("/accounts/%2e%2E/accounts/a/workflows"), 400, stays_open},
      {"escaped NUL", with("/accounts/a%00/workflows"), 400, stays_open},
      {"broken escape", with("/accounts/%zz/workflows"), 400, stays_open},
      {"not ASCII", with("/accounts/\xc3\xa9/workflows"), 400, stays_open},
      {"escaped slash does not part segments", with("/accounts/a%2Fworkflows"), 404, stays_open},
      {"unknown", with("/"), 404, stays_open},
      {"long target", with("/" + std::string(5'000, 'a')), 414, closes},
      {"target beyond the head", with("/" + std::string(9'000, 'a')), 414, closes},
  });
}

TEST_F(Http1, RefusesWhatIsTooMuch) {
  std::string fields = "Host: localhost\r\n";
  for (int i = 1; i < 64; ++i) fields += "X: y\r\n";
  check({
      {"64 fields", get(fields), 200, stays_open},
      {"65 fields", get(fields + "X: y\r\n"), 431, closes},
      {"long field", get("Host: localhost\r\nX: " + std::string(9'000, 'y') + "\r\n"), 431, closes},
      {"long body, by its announced length alone", post("Content-Length: 100001\r\n", ""), 413, closes},
      {"very long body", post("Content-Length: 9999999999999\r\n", ""), 413, closes},
      {"long body that comes", sized(std::string(200'000, ' ')), 413, closes},
      {"long chunk", post("Transfer-Encoding: chunked\r\n", "186A1\r\n"), 413, closes},
      {"long chunk extension",
       post("Transfer-Encoding: chunked\r\n", "2;" + std::string(1 << 20, 'a') + "\r\n{}\r\n0\r\n\r\n"), 431,
       closes},
      {"long trailer",
       post("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\nX: " + std::string(1 << 20, 'a') + "\r\n\r\n"),
       431, closes},
      {"depth", sized(std::string(60'000, '[')), 400, stays_open},
      {"depth of the params",
       sized(R"([{"params":)" + std::string(65, '[') + std::string(65, ']') + "}]", "/instances/batch"), 400,
       stays_open},
  });
}

TEST_F(Http1, KeepsTheConnectionAfterARefusalThatIsAboutTheRequestAlone) {
  check({
      {"bad JSON", sized("{"), 400, stays_open},
      {"bytes behind the JSON", sized("{}x"), 400, stays_open},
      {"byte order mark", sized("\xef\xbb\xbf{}"), 400, stays_open},
      {"empty batch", sized("[]", "/instances/batch"), 400, stays_open},
      {"no batch", post("", "", "/instances/batch"), 400, stays_open},
      {"unknown workflow", get("Host: localhost\r\n", "/accounts/a/workflows/none"), 404, stays_open},
      {"wrong method", get("Host: localhost\r\n", "/accounts/a/workflows/anything/instances/batch"), 405,
       stays_open},
      {"unknown method", "BREW /accounts/a/workflows HTTP/1.1\r\nHost: localhost\r\n\r\n", 501, stays_open},
      {"trace", "TRACE /accounts/a/workflows HTTP/1.1\r\nHost: localhost\r\n\r\n", 501, stays_open},
      {"connect", "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 501, stays_open},
      {"known method that no route has", "DELETE /accounts/a/workflows HTTP/1.1\r\nHost: localhost\r\n\r\n",
       405, stays_open},
      {"foreign host", get("Host: evil.example\r\n"), 421, stays_open},
      {"foreign origin", get("Host: localhost\r\nOrigin: http://evil.example\r\n"), 403, stays_open},
  });
}

TEST_F(Http1, ClosesAfterARefusalThatLeavesABodyUnread) {
  check({
      {"form", post("Content-Type: text/plain\r\nContent-Length: 2\r\n", "{}"), 415, closes},
      {"compressed", post("Content-Encoding: gzip\r\nContent-Length: 2\r\n", "{}"), 415, closes},
      {"unknown route", "POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}", 404, closes},
      {"foreign host", "POST /x HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 2\r\n\r\n{}", 421, closes},
      {"unknown expectation", post("Expect: 200-ok\r\nContent-Length: 2\r\n", "{}"), 417, closes},
  });
}

}  // namespace
}  // namespace cairn::tests
