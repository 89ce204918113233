// Connections come while the process has no file descriptors. Sanitizers open pipes to look at memory, and
// take it for damaged where they cannot; so this is not built with them.

#include "tests/api/server_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <string_view>

namespace cairn::tests {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

using Overload = ServerFixture;

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
