#include "tests/api/api_fixture.hpp"
#include "tests/api/faulty_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace cairn::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

class Fault : public ApiFixture {
 public:
  explicit Fault(std::shared_ptr<Faults> shared = std::make_shared<Faults>())
      : ApiFixture(std::make_unique<FaultyStore>(shared)), faults(std::move(shared)) {}

  std::shared_ptr<Faults> faults;
};

constexpr const char* instances = "/workflows/anything/instances";
constexpr const char* batch = "/workflows/anything/instances/batch";

TEST_F(Fault, OfTheStoreIsAnsweredWithoutItsDetailsAndLoggedWithThem) {
  faults->fail(Errc::store_failed);
  const api::Response response = ask("POST", batch, "[{}]");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(header(response, "Retry-After"), "1");
  EXPECT_THAT(response.body, HasSubstr("what was asked did not happen; the log knows it as fault 1"));
  EXPECT_THAT(response.body, Not(HasSubstr("secret")));
  EXPECT_THAT(log, HasSubstr("http: fault 1: store_failed: INSERT INTO secret_table"));
  faults->fail(std::nullopt);
  EXPECT_EQ(ask("POST", batch, "[{}]").status, 200);
}

TEST_F(Fault, ShowsInTheHealthWithoutItsReasons) {
  const auto health = [&] {
    return answer(application,
                  {.method = "GET", .target = "/healthz", .headers = {{"Host", "localhost:8787"}}}, "");
  };
  EXPECT_EQ(health().status, 200);
  EXPECT_EQ(health().body, R"({"status":"ok"})");
  faults->fail(Errc::store_failed);
  EXPECT_EQ(ask("POST", batch, "[{}]").status, 503);
  EXPECT_EQ(health().status, 503);
  EXPECT_EQ(health().body, R"({"status":"failed"})");
  faults->fail(std::nullopt);
  EXPECT_EQ(ask("POST", batch, "[{}]").status, 200);
  EXPECT_EQ(health().status, 200);
}

TEST_F(Fault, AnUnknownOutcomeListsTheIdsThatTheServerChose) {
  faults->fail(Errc::outcome_unknown);
  const api::Response response = ask("POST", batch, R"([{"instance_id":"mine"},{},{}])");
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(header(response, "x-should-retry"), "false");
  const json envelope = json::parse(response.body);
  EXPECT_EQ(envelope.at("errors").at(0).at("code"), 20005);
  EXPECT_THAT(envelope.at("errors").at(0).at("message").get<std::string>(),
              HasSubstr("asking again with the same ids"));
  ASSERT_EQ(envelope.at("messages").size(), 2U);
  EXPECT_THAT(envelope.at("messages").at(0).get<std::string>(),
              MatchesRegex(R"(\[1\]\.instance_id: [0-9a-f-]{36})"));
  EXPECT_THAT(envelope.at("messages").at(1).get<std::string>(),
              MatchesRegex(R"(\[2\]\.instance_id: [0-9a-f-]{36})"));
}

TEST_F(Fault, AnUnknownOutcomeOfOneInstanceListsItsIdToo) {
  faults->fail(Errc::outcome_unknown);
  const json envelope = ask_json(500, "POST", instances, "{}");
  EXPECT_EQ(envelope.at("messages").size(), 1U);
  EXPECT_EQ(ask_json(500, "POST", instances, R"({"instance_id":"mine"})").at("messages"), json::array());
}

TEST_F(Fault, AStoppedEngineTakesNothingAndStillShows) {
  anything.create({.id = "i", .params = {}});
  engine.stop(Duration{0});
  EXPECT_EQ(ask_refused(503, "POST", batch, "[{}]").first, 20003);
  EXPECT_EQ(ask_refused(503, "PATCH", std::string{instances} + "/i/status", R"({"status":"pause"})").first,
            20003);
  EXPECT_EQ(ask("GET", std::string{instances} + "/i").status, 200);
}

TEST_F(Fault, ALogThatThrowsHarmsNobody) {
  options.log = [](LogLevel, std::string_view) { throw std::runtime_error{"the disk is full"}; };
  faults->fail(Errc::internal);
  EXPECT_EQ(ask("POST", batch, "[{}]").status, 500);
}

}  // namespace
}  // namespace cairn::tests
