#include "tests/api/http1_fixture.hpp"

#include <string>
#include <string_view>

// Where a request ends: two readers must not come to different opinions.
namespace cairn::tests::http1 {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

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

}  // namespace
}  // namespace cairn::tests::http1
