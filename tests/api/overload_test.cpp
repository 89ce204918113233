// More than the server takes: requests, bodies, and connections when the process has no file descriptors.

#include "tests/api/server_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace cairn::tests {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

using Overload = ServerFixture;

TEST_F(Overload, RequestsBeyondTheLimitAreToldToComeBackAndTheConnectionIsKept) {
  serve([](HttpOptions& limits) {
    limits.requests = 1;
    limits.handlers = 1;
  });
  faults->hold(true);
  WireClient first{server->port()};
  first.send(create_request("{}"));
  faults->wait_until_held();
  WireClient second{server->port()};
  const WireResponse refused = second.ask(plain_request);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.at("retry-after"), "1");
  EXPECT_EQ(refused.headers.at("connection"), "keep-alive");
  faults->hold(false);
  EXPECT_EQ(first.receive().status, 200);
  EXPECT_EQ(second.ask(plain_request).status, 200);
}

TEST_F(Overload, BodiesAreBoundedTogether) {
  serve([](HttpOptions& limits) { limits.bodies_bytes = 1'000; });
  const std::string body = "{" + std::string(898, ' ') + "}";
  WireClient one{server->port()};
  WireClient other{server->port()};
  for (WireClient* client : {&one, &other})
    client->send(create_request(body).substr(0, create_request(body).size() - 300));
  while (!one.has_news(2) && !other.has_news(2)) {
  }
  WireClient& refused = one.has_news(0) ? one : other;
  WireClient& taken = &refused == &one ? other : one;
  EXPECT_EQ(refused.receive().status, 503);
  EXPECT_EQ(taken.ask(body.substr(body.size() - 300)).status, 200) << "its memory was given back";
}

// Lets the process open no file any more.
class Starved {
 public:
  Starved() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::dup(0);
    rlimit none = before_;
    none.rlim_cur = static_cast<rlim_t>(next);
    ::close(next);
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~Starved() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  Starved(const Starved&) = delete;
  Starved& operator=(const Starved&) = delete;

 private:
  rlimit before_{};
};

std::chrono::nanoseconds processor_time() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

TEST_F(Overload, WithoutFileDescriptorsItGoesOnServingAndAcceptsAgainLater) {
  serve();
  WireClient known{server->port()};
  EXPECT_EQ(known.ask(plain_request).status, 200);
  WireClient waiting = WireClient::unconnected();
  {
    const Starved starved;
    waiting.connect(server->port());
    waiting.send(plain_request);
    const auto before = processor_time();
    EXPECT_FALSE(waiting.has_news(400)) << "it cannot be accepted";
    EXPECT_LT(processor_time() - before, 50ms) << "nobody spins meanwhile";
    EXPECT_EQ(known.ask(plain_request).status, 200);
  }
  EXPECT_EQ(waiting.receive().status, 200);
  server->stop();
  constexpr std::string_view line = "http: no connection can be accepted for now: ";
  EXPECT_THAT(log, HasSubstr(line));
  EXPECT_EQ(log.find(line), log.rfind(line)) << "said once, not at every try";
}

}  // namespace
}  // namespace cairn::tests
