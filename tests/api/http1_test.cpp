#include "tests/api/http1_fixture.hpp"

#include <string>
#include <string_view>

// Which requests are taken, and what becomes of the connection behind one that is not.
namespace cairn::tests::http1 {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

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
}  // namespace cairn::tests::http1
