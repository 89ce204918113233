// How much memory a server takes under requests that are made to take much, and from clients that do not read
// what they asked for. The server is a process of its own, with all limits as they are by default; its peak
// is the kernel's count (`VmHWM`), less what it had when nobody had asked for anything large.

#include "tests/api/wire_client.hpp"
#include "tests/counts.hpp"
#include "tests/crash/child.hpp"
#include "tests/crash/folder.hpp"
#include "tests/crash/ledger.hpp"
#include "tests/faults/peak_record.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;
using tests::WireClient;
using tests::WireResponse;

constexpr std::size_t mib = std::size_t{1} << 20;
constexpr std::size_t crowd = 64;     // clients
constexpr int patience_ms = 120'000;  // for the slowest answer

// `bytes_in_flight`, and something for what is not counted: connections, threads, texts that are there twice
// while they grow, and what malloc keeps, which differs by some 60 MiB from run to run.
constexpr std::size_t peak_max = 256 + 128;  // MiB

std::string request(std::string_view method, std::string_view target, std::string_view body = {},
                    std::string_view fields = {}) {
  std::string text{method};
  text += " /accounts/a/workflows/plain/instances";
  text += target;
  text += " HTTP/1.1\r\nHost: localhost\r\n";
  text += fields;
  if (fields.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  text += "\r\n";
  text += body;
  return text;
}

// `begin`, then as often as it fits `element` with commas between, then `end`: not more than `bytes`.
std::string filled(std::string_view begin, std::string_view element, std::string_view end,
                   std::size_t bytes) {
  std::string text{begin};
  text += element;
  while (text.size() + 1 + element.size() + end.size() <= bytes) {
    text += ',';
    text += element;
  }
  text += end;
  return text;
}

// The members `"0":VALUE,"1":VALUE` and so on.
std::string members(std::string_view begin, std::string_view value, std::string_view end, std::size_t bytes) {
  std::string text{begin};
  for (std::size_t number = 0; text.size() + 24 + value.size() + end.size() <= bytes; ++number) {
    if (number > 0) text += ',';
    text += '"' + std::to_string(number) + "\":";
    text += value;
  }
  text += end;
  return text;
}

class HttpPeakTest : public ::testing::Test {
 protected:
  PeakRecord record() { return PeakRecord{folder_ / "served.db"}; }

  void serve() {
    if (!std::filesystem::exists(folder_ / "served.db")) record();
    host_.emplace(std::vector<std::string>{CAIRN_HTTP_PEAK_HOST, folder_ / "served.db"}, folder_ / "out",
                  folder_ / "err");
    while (read_lines(folder_ / "out").empty()) {
      if (host_->wait(1ms)) throw std::runtime_error(read_lines(folder_ / "err").at(0));
    }
    port_ = static_cast<std::uint16_t>(std::stoul(read_lines(folder_ / "out").at(0)));
    EXPECT_EQ(WireClient{port_}.ask(tests::plain_request).status, 200);
    resting_ = peak();
  }

  // So many requests at once: each is complete only when all others nearly are. The statuses of the answers;
  // 0 where the connection was closed.
  std::vector<int> ask_at_once(const std::string& text, std::size_t count) {
    std::deque<WireClient> clients;
    for (std::size_t i = 0; i < count; ++i)
      clients.emplace_back(port_).send(std::string_view{text}.substr(0, text.size() - 1));
    for (WireClient& client : clients) client.send(text.substr(text.size() - 1));
    std::vector<int> statuses;
    for (WireClient& client : clients) {
      EXPECT_TRUE(client.has_news(patience_ms)) << "it is not answered";
      statuses.push_back(client.receive().status);
    }
    return statuses;
  }

  // So many clients that ask, and read no more of the answer than their sockets hold; each gets one.
  void ask_and_not_read(const std::string& text, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      clients_.emplace_back(port_);
      clients_.back().receive_little();
      clients_.back().send(text);
    }
    for (WireClient& client : clients_) EXPECT_TRUE(client.has_news(patience_ms)) << "it is not answered";
  }

  // Tells by how much the server has grown, and asks whether that is in bounds and it still serves.
  void expect_peak_below(std::size_t limit_mib) {
    // Small ones are served all the same. And now whatever has been sent has been read.
    EXPECT_EQ(WireClient{port_}.ask(tests::plain_request).status, 200);
    EXPECT_EQ(WireClient{port_}.ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
    const std::size_t grown = peak() - resting_;
    tell_count("MiB in " + std::string{::testing::UnitTest::GetInstance()->current_test_info()->name()},
               grown / mib);
    EXPECT_LT(grown / mib, limit_mib);
    EXPECT_FALSE(host_->wait(0ms)) << "it has ended";
  }

  std::uint16_t port_ = 0;
  std::deque<WireClient> clients_;

 private:
  [[nodiscard]] std::size_t peak() const {
    std::ifstream status{"/proc/" + std::to_string(host_->id()) + "/status"};
    std::string line;
    while (std::getline(status, line)) {
      if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6)) << 10;
    }
    throw std::runtime_error("the kernel does not tell its memory");
  }

  Folder folder_;
  std::optional<Child> host_;
  std::size_t resting_ = 0;
};

// ---------------------------------------------------------------------------------------------- what comes

TEST_F(HttpPeakTest, ABatchOfObjectsOfNothing) {
  serve();
  ask_at_once(request("POST", "/batch", filled("[", "{}", "]", 16 * mib)), 1);
  expect_peak_below(64);
}

TEST_F(HttpPeakTest, EightBatchesOfObjectsOfNothing) {
  serve();
  ask_at_once(request("POST", "/batch", filled("[", "{}", "]", 16 * mib)), 8);
  expect_peak_below(peak_max);
}

TEST_F(HttpPeakTest, EightBatchesOfOneEntryWithObjectsOfNothing) {
  serve();
  ask_at_once(request("POST", "/batch", filled(R"([{"params":[)", "{}", "]}]", 16 * mib)), 8);
  expect_peak_below(peak_max);
}

TEST_F(HttpPeakTest, EightBatchesOfOneEntryWithManyMembers) {
  serve();
  ask_at_once(request("POST", "/batch", members(R"([{"params":{)", "{}", "}}]", 16 * mib)), 8);
  expect_peak_below(peak_max);
}

TEST_F(HttpPeakTest, EightLargeBatchesThatAreCreated) {
  serve();
  const std::string entry = R"({"params":{"customer":"anna","cents":4200,"lines":[{"sku":"a-1","count":2},)"
                            R"({"sku":"b-2","count":1}],"note":")" +
                            std::string(1'400, 'n') + R"("}})";
  const std::vector<int> answers = ask_at_once(request("POST", "/batch", filled("[", entry, "]", 14 * mib)),
                                               8);
  EXPECT_EQ(std::ranges::count(answers, 400), 0) << "what is ordinary is not refused";
  EXPECT_GT(std::ranges::count(answers, 200), 0);
  expect_peak_below(peak_max);
}

TEST_F(HttpPeakTest, ACrowdThatCreatesObjectsOfNothing) {
  serve();
  ask_at_once(request("POST", "", filled(R"({"params":[)", "{}", "]}", 2 * mib)), crowd);
  expect_peak_below(peak_max);
}

TEST_F(HttpPeakTest, ACrowdThatCreatesTogetherWhatTakesMuch) {
  serve();
  ask_at_once(request("POST", "", members(R"({"params":{)", "{}", "}}", 16'000)), 4 * crowd);
  expect_peak_below(peak_max);
}

TEST_F(HttpPeakTest, ACrowdThatSendsEventsOfObjectsOfNothing) {
  record().begin("box");
  serve();
  ask_at_once(request("POST", "/box/events/word", filled("[", "{}", "]", 2 * mib)), crowd);
  expect_peak_below(peak_max);
}

TEST_F(HttpPeakTest, ACrowdWhoseBodiesNeverEnd) {
  serve();
  const std::string chunk = "100000\r\n" + std::string(mib, ' ') + "\r\n";
  const std::string sized = request("POST", "/batch", {}, "Content-Length: 16777216\r\n");
  const std::string chunked = request("POST", "/batch", {}, "Transfer-Encoding: chunked\r\n");
  for (std::size_t i = 0; i < crowd; ++i) clients_.emplace_back(port_).send(i % 2 == 0 ? sized : chunked);
  for (int part = 0; part < 15; ++part) {
    for (std::size_t i = 0; i < crowd; ++i) clients_[i].send(i % 2 == 0 ? std::string(mib, ' ') : chunk);
  }
  expect_peak_below(peak_max);
}

TEST_F(HttpPeakTest, ACrowdThatAsksForMoreThanItWaitsFor) {
  serve();
  std::string many = request("POST", "", R"({"params":")" + std::string(500'000, 'x') + "\"}");
  many += std::string{many} + std::string(60'000, '\n');
  ask_and_not_read(many, 4 * crowd);
  expect_peak_below(peak_max);
}

TEST_F(HttpPeakTest, AThousandHeadsThatNeverEnd) {
  serve();
  const std::string head = "GET / HTTP/1.1\r\nHost: localhost\r\nA: " + std::string(8'000, 'x');
  for (int i = 0; i < 1'000; ++i) clients_.emplace_back(port_).send(head);
  expect_peak_below(64);
}

// ------------------------------------------------------------------------------------------ what is answered

TEST_F(HttpPeakTest, ACrowdThatDoesNotReadAHundredMegabytesOfOutputs) {
  {
    PeakRecord written = record();
    written.add_steps(written.begin("wide"), 100, text_of_bytes(1'000'000));
  }
  serve();
  ask_and_not_read(request("GET", "/wide"), crowd);
  expect_peak_below(96);
}

TEST_F(HttpPeakTest, ACrowdThatDoesNotReadASimpleDescriptionOfThem) {
  {
    PeakRecord written = record();
    written.add_steps(written.begin("wide"), 100, text_of_bytes(1'000'000));
  }
  serve();
  ask_and_not_read(request("GET", "/wide?simple=true"), crowd);
  expect_peak_below(32);
}

TEST_F(HttpPeakTest, ACrowdThatDoesNotReadTenThousandSteps) {
  {
    PeakRecord written = record();
    written.add_steps(written.begin("long"), 10'000, text_of_bytes(1'000));
  }
  serve();
  ask_and_not_read(request("GET", "/long"), crowd);
  expect_peak_below(peak_max);
}

TEST_F(HttpPeakTest, ACrowdThatDoesNotReadOneOutputEach) {
  {
    PeakRecord written = record();
    written.add_steps(written.begin("wide"), 100, text_of_bytes(1'000'000));
  }
  serve();
  ask_and_not_read(request("GET", "/wide/step?name=step-50&type=step"), 4 * crowd);
  expect_peak_below(peak_max);
}

TEST_F(HttpPeakTest, ACrowdThatLooksAtAnInstanceWithManyEvents) {
  {
    PeakRecord written = record();
    written.add_events(written.begin("box"), 100, text_of_bytes(1'000'000));
  }
  serve();
  ask_at_once(request("GET", "/box"), crowd);
  expect_peak_below(32);
}

TEST_F(HttpPeakTest, ACrowdThatDoesNotReadParamsOfObjectsOfNothing) {
  serve();
  ASSERT_EQ(
      ask_at_once(request("POST", "", filled(R"({"instance_id":"dense","params":[)", "{}", "]}", mib)), 1),
      std::vector{200});
  ask_and_not_read(request("GET", "/dense"), 4 * crowd);
  expect_peak_below(peak_max);
}

}  // namespace
}  // namespace cairn::testing
