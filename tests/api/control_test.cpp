#include "tests/api/api_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace cairn::tests {
namespace {

using ::testing::HasSubstr;

class Control : public ApiFixture {
 public:
  Control() { anything.create({.id = "i", .params = {}}); }
  json change(std::string_view body) { return ask_json(200, "PATCH", path, body).at("result"); }
  std::string refused(std::string_view body) {
    const auto [code, message] = ask_refused(400, "PATCH", path, body);
    EXPECT_EQ(code, 10002);
    return message;
  }
  static constexpr std::string_view path = "/workflows/anything/instances/i/status";
  static constexpr std::string_view events = "/workflows/anything/instances/i/events/";
};

TEST_F(Control, LeadsThroughTheStatesAndTellsTheNewOne) {
  EXPECT_EQ(
      ask("PATCH", path, R"({"status":"pause"})").body,
      R"({"success":true,"errors":[],"messages":[],"result":{"status":"paused","timestamp":"2026-11-23T08:15:30.250Z"}})");
  EXPECT_EQ(change(R"({"status":"pause"})").at("status"), "paused") << "again: nothing happens";
  EXPECT_EQ(change(R"({"status":"resume"})").at("status"), "queued");
  EXPECT_EQ(change(R"({"status":"terminate","rollback":false})").at("status"), "terminated");
  EXPECT_EQ(change(R"({"status":"restart"})").at("status"), "queued");
}

TEST_F(Control, AnIllegalChangeIsAConflictWithItsOwnCodeThatNobodyRetries) {
  change(R"({"status":"terminate"})");
  const auto conflict = [&](std::string_view body) {
    const api::Response response = ask("PATCH", path, body);
    EXPECT_EQ(response.status, 409);
    EXPECT_EQ(header(response, "x-should-retry"), "false");
    EXPECT_THAT(response.body, HasSubstr("terminated")) << "names the status found";
    return json::parse(response.body).at("errors").at(0).at("code").get<int>();
  };
  EXPECT_EQ(conflict(R"({"status":"terminate"})"), 10401);
  EXPECT_EQ(conflict(R"({"status":"pause"})"), 10402);
  EXPECT_EQ(conflict(R"({"status":"resume"})"), 10403);
}

TEST_F(Control, RefusesEverythingElse) {
  EXPECT_THAT(refused(""), HasSubstr("body: is required"));
  EXPECT_THAT(refused("{}"), HasSubstr("status: is required"));
  EXPECT_THAT(refused("[]"), HasSubstr("body: must be an object, is an array"));
  EXPECT_THAT(refused(R"({"status":"stop"})"),
              HasSubstr("status: must be pause, resume, terminate or restart, is 'stop'"));
  EXPECT_THAT(refused(R"({"status":"Pause"})"), HasSubstr("'Pause'"));
  EXPECT_THAT(refused(R"({"status":1})"), HasSubstr("is a number"));
  EXPECT_THAT(refused(R"({"status":"terminate","rollback":true})"), HasSubstr("rollback: must be false"));
  EXPECT_THAT(refused(R"({"status":"restart","from":{"name":"a"}})"),
              HasSubstr("from: there is no such field"));
  EXPECT_THAT(refused(R"({"status":"pause","status":"resume"})"), HasSubstr("twice"));
  EXPECT_EQ(anything.get("i").status(), Status::queued);
}

TEST_F(Control, OfAnUnknownInstanceIsNotFound) {
  EXPECT_EQ(
      ask_refused(404, "PATCH", "/workflows/anything/instances/none/status", R"({"status":"pause"})").first,
      10400);
}

TEST_F(Control, AnEventIsKeptWithItsPayload) {
  EXPECT_EQ(
      ask("POST", std::string{events} + "approved", R"({"by":"ann"})").body,
      R"({"success":true,"errors":[],"messages":[],"result":{"instanceId":"i","timestamp":"2026-11-23T08:15:30.250Z"}})");
  for (const char* payload : {"null", "\"text\"", "[1]", "{}", "0"})
    ask_json(200, "POST", std::string{events} + "approved", payload);
  EXPECT_EQ(anything.get("i").describe().buffered_events, 6U);
}

TEST_F(Control, AnEventsPayloadIsPassedOnByItsBytes) {
  engine.start();
  const std::string odd = R"({ "z":-0, "by":"ann","b":0.12345678901234567890, "n":[1.0, 1e2 ]})";
  approvals.create({.id = "a"});
  ask_json(200, "POST", "/workflows/approvals/instances/a/events/approved", " " + odd + "\n");
  EXPECT_EQ(approvals.get("a").wait(), "7 approved by ann");
  EXPECT_THAT(ask("GET", "/workflows/approvals/instances/a").body, HasSubstr(R"("payload":)" + odd + ","));
}

TEST_F(Control, AnEventsPayloadAtTheLimitOfDepthArrives) {
  engine.start();
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  const std::size_t most = engine.options().limits.json_depth;
  auto passes_on = engine.define("passes-on", [](Context& ctx) -> Task<Event> {
    Event event = co_await ctx.wait_for_event("wait", {.type = "go"});
    co_return event;
  });
  auto instance = passes_on.create({.id = "e"});
  const std::string path_of_event = "/workflows/passes-on/instances/e/events/go";
  for (const std::size_t depth : {most + 1, json_depth_limit + 1}) {
    EXPECT_THAT(ask_refused(400, "POST", path_of_event, nested(depth)).second,
                HasSubstr("payload: must not be nested deeper than 64 levels"));
  }
  ask_json(200, "POST", path_of_event, nested(most));
  EXPECT_EQ(encode(instance.wait().payload), nested(most));
  EXPECT_THAT(ask("GET", "/workflows/passes-on/instances/e").body,
              HasSubstr(R"("output":{"payload":)" + nested(most)));
}

TEST_F(Control, AnEventNeedsABodyAndThatIsCheckedFirst) {
  const auto [code, message] = ask_refused(400, "POST", "/workflows/nothing/instances/none/events/approved");
  EXPECT_EQ(code, 10002);
  EXPECT_THAT(message, HasSubstr("body: is required"));
}

TEST_F(Control, RefusesBadEvents) {
  EXPECT_THAT(ask_refused(400, "POST", std::string{events} + "not%20fine", "{}").second,
              HasSubstr("event_type: "));
  EXPECT_THAT(ask_refused(400, "POST", std::string{events} + "fine", "{").second, HasSubstr("body: "));
  EXPECT_EQ(ask_refused(404, "POST", "/workflows/anything/instances/none/events/fine", "{}").first, 10400);
  EXPECT_EQ(anything.get("i").describe().buffered_events, 0U);
}

TEST_F(Control, AnEndedInstanceTakesNoEvents) {
  anything.get("i").terminate();
  const auto [code, message] = ask_refused(409, "POST", std::string{events} + "approved", "{}");
  EXPECT_EQ(code, 10406);
  EXPECT_THAT(message, HasSubstr("terminated"));
}

TEST_F(Control, APayloadOverTheLimitIsTooLarge) {
  const std::string payload = "\"" + std::string(engine.options().limits.event_bytes, 'x') + "\"";
  EXPECT_EQ(ask_refused(413, "POST", std::string{events} + "approved", payload).first, 20001);
}

}  // namespace
}  // namespace cairn::tests
