#include "api/connections/request_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace cairn::api {
namespace {

using Progress = RequestReader::Progress;
using ::testing::HasSubstr;
using ::testing::Not;

struct Outcome {
  int status = 0;  // 0: complete; -1: unfinished
  std::string body = {};
  std::string rest = {};
  RequestHead head = {};
  Framing framing = {};
};

// Reads one request that comes in pieces of `piece` bytes.
Outcome read(std::string_view text, std::size_t piece, const HttpOptions& options = {},
             std::size_t body_max = 1'000) {
  RequestReader reader{options};
  for (std::size_t at = 0; at < text.size(); at += piece) {
    std::string_view bytes = text.substr(at, piece);
    Progress progress = reader.read(bytes);
    if (progress == Progress::head) {
      reader.limit_body(body_max);
      progress = reader.read(bytes);
    }
    if (progress == Progress::failed)
      return {.status = reader.failure().status, .body = reader.failure().body};
    if (progress == Progress::complete) {
      const std::string rest = std::string{bytes} +
                               std::string{text.substr(std::min(at + piece, text.size()))};
      return {0, reader.take_body(), rest, reader.head(), reader.framing()};
    }
    EXPECT_TRUE(bytes.empty());
  }
  return {.status = -1};
}

int status(std::string_view text) {
  return read(text, text.size()).status;
}

TEST(RequestReader, ReadsARequestInPiecesOfAnySize) {
  const std::string request =
      "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhelloGET /next HTTP/1.1\r\n";
  for (std::size_t piece = 1; piece <= request.size(); ++piece) {
    const Outcome outcome = read(request, piece);
    EXPECT_EQ(outcome.status, 0) << piece;
    EXPECT_EQ(outcome.head.method, "POST");
    EXPECT_EQ(outcome.head.target, "/a");
    EXPECT_EQ(outcome.body, "hello") << piece;
    EXPECT_EQ(outcome.rest, "GET /next HTTP/1.1\r\n") << piece;
  }
}

TEST(RequestReader, ReadsChunksInPiecesOfAnySize) {
  const std::string request =
      "POST /a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: Chunked\r\n\r\n"
      "3\r\nabc\r\n0A;name=value\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nNEXT";
  for (std::size_t piece = 1; piece <= request.size(); ++piece) {
    const Outcome outcome = read(request, piece);
    EXPECT_EQ(outcome.status, 0) << piece;
    EXPECT_EQ(outcome.body, "abc0123456789") << piece;
    EXPECT_EQ(outcome.rest, "NEXT") << piece;
    EXPECT_EQ(find_header(outcome.head.headers, "Trailer"), nullptr) << "a trailer is no header";
  }
}

// Every text of up to so many letters.
std::vector<std::string> texts_of(std::string_view letters, std::size_t length_max) {
  std::vector<std::string> texts{""};
  for (std::size_t i = 0; i < texts.size() && texts[i].size() < length_max; ++i) {
    for (const char letter : letters) texts.push_back(texts[i] + letter);
  }
  texts.erase(texts.begin());
  return texts;
}

// `{` and `0` could begin a line as well.
TEST(RequestReader, ReadsLineEndsInTheDataOfChunksAsDataInPiecesOfAnySize) {
  const std::string head = "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& data : texts_of("\n\r{0", 3)) {
    const std::string chunk = std::to_string(data.size()) + "\r\n" + data + "\r\n";
    for (const std::string& request :
         {head + chunk + "0\r\n\r\nNEXT", head + chunk + chunk + "0\r\n\r\nNEXT"}) {
      const Outcome whole = read(request, request.size());
      ASSERT_EQ(whole.status, 0);
      for (std::size_t piece = 1; piece <= request.size() - head.size() + 1; ++piece) {
        const Outcome outcome = read(request, piece);
        EXPECT_EQ(outcome.status, 0) << ::testing::PrintToString(request) << " by " << piece << outcome.body;
        EXPECT_EQ(outcome.body, whole.body) << piece;
        EXPECT_EQ(outcome.rest, "NEXT") << piece;
      }
    }
  }
}

TEST(RequestReader, ReadsAnEmptyChunkedBodyInPiecesOfAnySize) {
  const std::string request =
      "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nNEXT";
  for (std::size_t piece = 1; piece <= request.size(); ++piece) {
    const Outcome outcome = read(request, piece);
    EXPECT_EQ(outcome.status, 0) << piece;
    EXPECT_EQ(outcome.body, "");
    EXPECT_EQ(outcome.rest, "NEXT") << piece;
  }
}

TEST(RequestReader, SkipsEmptyLinesInFrontOfARequest) {
  for (std::size_t piece = 1; piece <= 8; ++piece) {
    EXPECT_EQ(read("\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", piece).status, 0) << piece;
    EXPECT_EQ(read("\r\n\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", piece).status, 400) << piece;
    EXPECT_EQ(read("\r\rGET / HTTP/1.1\r\nHost: h\r\n\r\n", piece).status, 400) << piece;
  }
}

TEST(RequestReader, HasNotBegunWhileOnlyEmptyLinesCome) {
  const HttpOptions options;
  RequestReader reader{options};
  for (std::string_view bytes : {"\r\n", "\r", "\n\r\n", "\r"}) {
    EXPECT_EQ(reader.read(bytes), Progress::more);
    EXPECT_FALSE(reader.has_begun());
  }
  std::string_view bytes = "\nG";
  EXPECT_EQ(reader.read(bytes), Progress::more);
  EXPECT_TRUE(reader.has_begun());
}

TEST(RequestReader, RefusesABareLineEndAroundChunksBeforeTheLineEnds) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const char* chunks : {"2\n{}", "2\n", "\n", "2\r\n{}\n", "2\r\n{}\r\n0\n", "2\r\n{}\r\n0\r\n\n",
                             "2\r\n{}\r\n0\r\nX: y\n", "2\r{", "2;a=\"\n"}) {
    for (std::size_t piece = 1; piece <= 8; ++piece)
      EXPECT_EQ(read(head + chunks, piece).status, 400) << chunks << " by " << piece;
  }
}

TEST(RequestReader, SaysOfABareLineEndAroundChunksThatItIsOne) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  const auto said = [&](std::string_view chunks, std::size_t piece) {
    const std::string request = head + std::string{chunks};
    return read(request, piece == 0 ? request.size() : piece).body;
  };
  for (const char* chunks :
       {"2\n{}\n0\n\n", "2\n{}\r\n0\r\n\r\n", "2\r{}\r\n0\r\n\r\n", "2;a\n{}\r\n0\r\n\r\n",
        "2;a=b\nxx\r\n{}\r\n0\r\n\r\n", "2\r\n{}\n0\r\n\r\n", "2\r\n{}\r\n0\n\r\n\r\n",
        "2\r\n{}\r\n0\r\nX: y\n\r\n\r\n", "2\r\n{}\r\n0\r\nX: y\rZ\r\n\r\n"}) {
    for (std::size_t piece = 0; piece <= 8; ++piece)
      EXPECT_THAT(said(chunks, piece), HasSubstr("a line must end with CR LF")) << chunks << " by " << piece;
  }
  // What is wrong otherwise is told as that, also where the data holds line ends.
  for (const char* chunks : {"g\r\n{}\r\n0\r\n\r\n", "1\r\n\n}\r\n0\r\n\r\n", "2;=\r\n\n\n\r\n0\r\n\r\n"})
    EXPECT_THAT(said(chunks, 0), Not(HasSubstr("CR LF"))) << chunks;
}

TEST(RequestReader, KnowsThatTheHeadAloneIsAskedForHoweverLittleHasCome) {
  const HttpOptions options;
  for (const char* text :
       {"HEAD ", "HEAD / HTTP/1.1\n", "HEAD / HTTP/2.0\r\n\r\n", "\r\nHEAD / HTTP/1.1\r\n"}) {
    for (std::size_t piece = 1; piece <= 25; ++piece) {
      RequestReader reader{options};
      for (std::string_view rest = text; !rest.empty(); rest.remove_prefix(std::min(piece, rest.size()))) {
        std::string_view bytes = rest.substr(0, piece);
        reader.read(bytes);
      }
      EXPECT_EQ(reader.head().method, "HEAD") << text;
    }
  }
  RequestReader reader{options};
  std::string_view bytes = "HEADER / HTTP/1.1\n";
  EXPECT_EQ(reader.read(bytes), Progress::failed);
  EXPECT_NE(reader.head().method, "HEAD");
}

TEST(RequestReader, KnowsWhatBecomesOfTheConnection) {
  const auto keeps_alive = [](std::string_view version, std::string_view field) {
    return read("GET / HTTP/" + std::string{version} + "\r\nHost: h\r\n" + std::string{field} + "\r\n", 1'000)
        .framing.keep_alive;
  };
  EXPECT_TRUE(keeps_alive("1.1", ""));
  EXPECT_FALSE(keeps_alive("1.1", "Connection: close\r\n"));
  EXPECT_FALSE(keeps_alive("1.1", "Connection: foo , CLOSE\r\n"));
  EXPECT_FALSE(keeps_alive("1.0", ""));
  EXPECT_TRUE(keeps_alive("1.0", "Connection: keep-alive\r\n"));
}

TEST(RequestReader, RefusesABodyThatGrowsPastItsLimit) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(read(head + "4\r\nabcd\r\n3\r\nefg\r\n0\r\n\r\n", 1, {}, 7).status, 0);
  EXPECT_EQ(read(head + "4\r\nabcd\r\n4\r\nefgh\r\n0\r\n\r\n", 1, {}, 7).status, 413);
  EXPECT_EQ(read(head + "ffffffffffffffff\r\n", 1'000, {}, 7).status, 413);
}

TEST(RequestReader, ALongBodyIsRefusedBeforeItComes) {
  const HttpOptions options;
  RequestReader reader{options};
  std::string_view bytes = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 101\r\n\r\n";
  EXPECT_EQ(reader.read(bytes), Progress::head);
  reader.limit_body(100);
  EXPECT_EQ(reader.read(bytes), Progress::failed);
  EXPECT_EQ(reader.failure().status, 413);
}

TEST(RequestReader, HoldsTheLimitsOfAHeadExactly) {
  HttpOptions options;
  const std::string start = "GET / HTTP/1.1\r\nHost: h\r\nA: ";
  const auto with_bytes = [&](std::size_t bytes) {
    return start + std::string(bytes - start.size() - 4, 'x') + "\r\n\r\n";
  };
  EXPECT_EQ(read(with_bytes(options.header_bytes), 100, options).status, 0);
  EXPECT_EQ(read(with_bytes(options.header_bytes + 1), 100, options).status, 431);
  EXPECT_EQ(read(with_bytes(options.header_bytes + 1), 20'000, options).status, 431);

  options.target_bytes = 10;
  EXPECT_EQ(read("GET /123456789 HTTP/1.1\r\nHost: h\r\n\r\n", 100, options).status, 0);
  EXPECT_EQ(read("GET /1234567890 HTTP/1.1\r\nHost: h\r\n\r\n", 100, options).status, 414);
  EXPECT_EQ(read("GET /" + std::string(9'000, 'a'), 1'000, options).status, 414);

  options.header_fields = 3;
  EXPECT_EQ(read("GET / HTTP/1.1\r\nHost: h\r\nA: a\r\nB: b\r\n\r\n", 100, options).status, 0);
  EXPECT_EQ(read("GET / HTTP/1.1\r\nHost: h\r\nA: a\r\nB: b\r\nC: c\r\n\r\n", 100, options).status, 431);
}

TEST(RequestReader, BoundsWhatStandsAroundChunks) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string much(1 << 20, 'x');
  for (const std::size_t piece : {std::size_t{1'000}, std::size_t{65'536}, std::size_t{4 << 20}}) {
    EXPECT_EQ(read(head + "1;a=" + much + "\r\nb\r\n0\r\n\r\n", piece).status, 431) << piece;
    EXPECT_EQ(read(head + "1\r\nb\r\n0\r\nA: " + much + "\r\n\r\n", piece).status, 431) << piece;
    EXPECT_EQ(read(
                  head + "0\r\n" +
                      [] {
                        std::string fields;
                        for (int i = 0; i < 20'000; ++i) fields += "A: b\r\n";
                        return fields;
                      }() +
                      "\r\n",
                  piece)
                  .status,
              431)
        << piece;
  }
}

TEST(RequestReader, NeverTakesTheTrailerForFraming) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
  EXPECT_EQ(status(head + "Content-Length: 5\r\n\r\n"), 400);
  EXPECT_EQ(status(head + "Transfer-Encoding: chunked\r\n\r\n"), 400);
}

TEST(RequestReader, AMessageWithoutALengthHasNoBody) {
  const Outcome outcome = read("POST / HTTP/1.1\r\nHost: h\r\n\r\nGET", 100);
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.body, "");
  EXPECT_EQ(outcome.rest, "GET");
}

TEST(RequestReader, SaysWhatIsWrong) {
  EXPECT_THAT(read("GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n", 100).body,
              HasSubstr("must not be folded"));
  EXPECT_THAT(read("GET / HTTP/1.1\r\n\r\n", 100).body, HasSubstr("Host is required"));
}

}  // namespace
}  // namespace cairn::api
