#include "tests/api/api_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cairn::tests {
namespace {

using ::testing::HasSubstr;

class ClockOverHttp : public ApiFixture {
 public:
  std::string refused(std::string_view body) { return ask_refused(400, "PATCH", "/clock", body).second; }
};

TEST_F(ClockOverHttp, IsConfirmed) {
  clock->leap(std::chrono::hours{1});
  EXPECT_EQ(engine.health().complaints.at(0).code, "clock_unconfirmed");
  EXPECT_EQ(
      ask("PATCH", "/clock", R"({"status":"confirmed"})").body,
      R"({"success":true,"errors":[],"messages":[],"result":{"status":"confirmed","timestamp":"2026-11-23T09:15:30.250Z"}})");
  EXPECT_TRUE(engine.health().complaints.empty());
}

TEST_F(ClockOverHttp, IsNotConfirmedByAnythingElse) {
  clock->leap(std::chrono::hours{1});
  EXPECT_THAT(refused(""), HasSubstr("body: is required"));
  EXPECT_THAT(refused("[]"), HasSubstr("body: must be an object, is an array"));
  EXPECT_THAT(refused("{}"), HasSubstr("status: is required"));
  EXPECT_THAT(refused(R"({"status":"right"})"), HasSubstr("status: must be confirmed"));
  EXPECT_THAT(refused(R"({"status":"confirmed","at":1})"), HasSubstr("at: there is no such field"));
  EXPECT_EQ(ask("POST", "/clock", R"({"status":"confirmed"})").status, 405);
  EXPECT_EQ(engine.health().complaints.at(0).code, "clock_unconfirmed");
}

}  // namespace
}  // namespace cairn::tests
