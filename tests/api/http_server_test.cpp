#include "tests/api/api_fixture.hpp"
#include "tests/api/wire_client.hpp"
#include "tests/refusal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

// What a server refuses before it serves.
namespace cairn::tests {
namespace {

using ::testing::StartsWith;
using namespace std::chrono_literals;

class Refused : public ApiFixture {
 protected:
  // The error that the options are refused with; empty: they are not.
  std::string made_with(const std::function<void(HttpOptions&)>& change) {
    HttpOptions some;
    change(some);
    try {
      const HttpServer server{engine, some};
      return "";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Errc::invalid_argument);
      return error.what();
    }
  }
};

TEST_F(Refused, OptionsOutOfTheirRangeNameThemselvesAndTheRange) {
  const std::vector<std::pair<std::function<void(HttpOptions&)>, std::string>> cases{
      {[](HttpOptions& o) { o.handlers = 0; }, "handlers: must be from 1 to 256, is 0"},
      {[](HttpOptions& o) { o.handlers = 257; }, "handlers: must be from 1 to 256, is 257"},
      {[](HttpOptions& o) { o.requests = 0; }, "requests: must be from 1"},
      {[](HttpOptions& o) { o.connections = 0; }, "connections: must be from 1"},
      {[](HttpOptions& o) { o.target_bytes = 0; }, "target_bytes: must be from 1"},
      {[](HttpOptions& o) { o.header_bytes = 1'023; }, "header_bytes: must be from 1024 to 65536, is 1023"},
      {[](HttpOptions& o) { o.header_fields = 0; }, "header_fields: must be from 1"},
      {[](HttpOptions& o) { o.body_bytes = 0; }, "body_bytes: must be from 1"},
      {[](HttpOptions& o) { o.batch_bytes = 0; }, "batch_bytes: must be from 1"},
      {[](HttpOptions& o) { o.batch_entries = 0; }, "batch_entries: must be from 1"},
      {[](HttpOptions& o) { o.body_values = 0; }, "body_values: must be from 1"},
      {[](HttpOptions& o) { o.page_entries = 1'001; }, "page_entries: must be from 1 to 1000, is 1001"},
      {[](HttpOptions& o) { o.requests_per_connection = 0; }, "requests_per_connection: must be from 1"},
      {[](HttpOptions& o) { o.header_timeout = 0ms; }, "header_timeout: must be more than 0"},
      {[](HttpOptions& o) { o.body_timeout = -1ms; }, "body_timeout: must be more than 0"},
      {[](HttpOptions& o) { o.handler_timeout = duration_max + 1ms; },
       "handler_timeout: must be more than 0"},
      {[](HttpOptions& o) { o.write_timeout = 0ms; }, "write_timeout: must be more than 0"},
      {[](HttpOptions& o) { o.idle_timeout = 0ms; }, "idle_timeout: must be more than 0"},
      {[](HttpOptions& o) { o.stop_timeout = 0ms; }, "stop_timeout: must be more than 0"},
  };
  for (const auto& [change, message] : cases) EXPECT_THAT(made_with(change), StartsWith(message));
}

TEST_F(Refused, AddressesThatOthersCouldReachAreNotBound) {
  for (const char* address : {"0.0.0.0", "192.0.2.1", "::", "2001:db8::1", "::ffff:192.0.2.1"}) {
    EXPECT_THAT(made_with([&](HttpOptions& o) { o.address = address; }),
                StartsWith("address: must be a loopback address"))
        << address;
  }
  for (const char* address : {"", "localhost", "127.0.0.1:8787", "127.1"}) {
    EXPECT_THAT(made_with([&](HttpOptions& o) { o.address = address; }),
                StartsWith("address: must be an IP address"))
        << address;
  }
  for (const char* address : {"127.0.0.1", "127.255.255.254", "::1"})
    EXPECT_EQ(made_with([&](HttpOptions& o) { o.address = address; }), "") << address;
}

TEST_F(Refused, APortThatIsTakenIsNamedAndServedOnceItIsFree) {
  HttpOptions some;
  some.port = 0;
  HttpServer first{engine, some};
  first.start();
  some.port = first.port();
  HttpServer second{engine, some};
  const auto [code, message] = cairn::testing::refusal([&] { second.start(); });
  EXPECT_EQ(code, Errc::invalid_argument);
  EXPECT_THAT(message, StartsWith("port: " + std::to_string(some.port) + " of 127.0.0.1 cannot be opened: "));
  first.stop();
  second.start();
  EXPECT_EQ(WireClient{second.port()}.ask(plain_request).status, 200);
}

}  // namespace
}  // namespace cairn::tests
