#include "tests/api/api_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace cairn::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

constexpr std::string_view path = "/workflows/anything/instances";

class List : public ApiFixture {
 public:
  void create(int from, int to) {
    for (int i = from; i <= to; ++i) anything.create({.id = "i" + std::to_string(i), .params = {}});
  }
  json list(const std::string& query = {}) { return ask_json(200, "GET", std::string{path} + query); }
  std::string refused(const std::string& query) {
    const auto [code, message] = ask_refused(400, "GET", std::string{path} + query);
    EXPECT_EQ(code, 10002);
    return message;
  }
  static std::vector<std::string> ids(const json& answer) {
    std::vector<std::string> ids;
    for (const json& item : answer.at("result")) ids.push_back(item.at("id"));
    return ids;
  }
};

TEST_F(List, ShowsAnInstanceAsCloudflareDoes) {
  create(1, 1);
  EXPECT_EQ(
      ask("GET", path).body,
      R"({"success":true,"errors":[],"messages":[],"result":[{"id":"i1","status":"queued",)"
      R"("created_on":"2026-11-23T08:15:30.250Z","modified_on":"2026-11-23T08:15:30.250Z","started_on":null,"ended_on":null,)"
      R"("version_id":"00000000-0000-4000-8000-000000000002","workflow_id":"00000000-0000-4000-8000-000000000001"}],)"
      R"("result_info":{"count":1,"per_page":25,"total_count":1,"page":1}})");
}

// Can be read when it is created, and not any more when it runs.
struct Fading {
  static inline bool faded = false;
};
void to_json(json& out, const Fading& /*value*/) {
  out = json::object();
}
void from_json(const json& /*in*/, Fading& /*value*/) {
  if (Fading::faded) throw std::runtime_error{"faded"};
}

TEST_F(List, ShowsWhyAnInstanceIsParkedAndNoErrorOfOneThatSomebodyPaused) {
  auto workflow = engine.define("fading",
                                [](Context& /*ctx*/, Fading /*value*/) -> Task<void> { co_return; });
  workflow.create({.id = "paused"}).pause();
  auto parked = workflow.create({.id = "parked"});
  Fading::faded = true;
  engine.start();
  while (parked.status() != Status::paused) std::this_thread::yield();
  Fading::faded = false;
  const json answer = ask_json(200, "GET", "/workflows/fading/instances");
  ASSERT_THAT(ids(answer), ElementsAre("parked", "paused"));
  EXPECT_EQ(answer.at("result").at(0).at("error"),
            ask_json(200, "GET", "/workflows/fading/instances/parked").at("result").at("error"));
  EXPECT_EQ(answer.at("result").at(0).at("error").at("name"), "TypeMismatch");
  EXPECT_FALSE(answer.at("result").at(1).contains("error"));
}

TEST_F(List, BeginsWithTheNewest) {
  create(1, 3);
  EXPECT_THAT(ids(list()), ElementsAre("i3", "i2", "i1"));
  EXPECT_THAT(ids(list("?direction=asc")), ElementsAre("i1", "i2", "i3"));
  EXPECT_THAT(ids(list("?direction=desc")), ElementsAre("i3", "i2", "i1"));
}

TEST_F(List, EndsWithAnEmptyPageAsCloudflaresClientsExpect) {
  create(1, 5);
  std::set<std::string> seen;
  int page = 1;
  for (;; ++page) {
    const json answer = list("?per_page=2&page=" + std::to_string(page));
    EXPECT_EQ(answer.at("result_info").at("page"), page);
    if (answer.at("result").empty()) break;
    for (const std::string& id : ids(answer)) EXPECT_TRUE(seen.insert(id).second) << id;
  }
  EXPECT_EQ(page, 4);
  EXPECT_EQ(seen.size(), 5U);
  EXPECT_EQ(list("?per_page=2&page=4").at("result_info").at("total_count"), 5);
  EXPECT_THAT(ids(list("?page=1000000000&per_page=100")), IsEmpty());
}

TEST_F(List, WalksByCursorToTheEnd) {
  create(1, 5);
  json answer = list("?per_page=2");
  EXPECT_THAT(ids(answer), ElementsAre("i5", "i4"));
  const auto next = [&] {
    return list("?per_page=2&cursor=" + answer.at("result_info").at("cursor").get<std::string>());
  };
  answer = next();
  EXPECT_THAT(ids(answer), ElementsAre("i3", "i2"));
  EXPECT_FALSE(answer.at("result_info").contains("page"));
  answer = next();
  EXPECT_THAT(ids(answer), ElementsAre("i1"));
  EXPECT_FALSE(answer.at("result_info").contains("cursor")) << "there is no next page";
}

TEST_F(List, SkipsFarPagesInStrides) {
  std::string body = "[{}";
  for (int i = 1; i < 2'500; ++i) body += ",{}";
  ask_json(200, "POST", std::string{path} + "/batch", body + "]");
  EXPECT_EQ(list("?per_page=100&page=25").at("result").size(), 100U);
  EXPECT_EQ(list("?per_page=99&page=26").at("result").size(), 2'500U - 25 * 99);
  EXPECT_THAT(ids(list("?per_page=100&page=26")), IsEmpty());
}

TEST_F(List, TakesATrailingSlashAsWranglerSendsIt) {
  create(1, 1);
  EXPECT_THAT(ids(ask_json(200, "GET", std::string{path} + "/")), ElementsAre("i1"));
}

TEST_F(List, SelectsByStatus) {
  create(1, 2);
  anything.get("i1").terminate();
  EXPECT_THAT(ids(list("?status=terminated")), ElementsAre("i1"));
  EXPECT_THAT(ids(list("?status=queued")), ElementsAre("i2"));
  EXPECT_THAT(ids(list("?status=waitingForPause")), IsEmpty());
  EXPECT_THAT(refused("?status=unknown"), HasSubstr("status: must be one of queued, "));
  EXPECT_THAT(refused("?status="), HasSubstr("status: must be one of"));
  EXPECT_THAT(refused("?status=Queued"), HasSubstr("'Queued'"));
}

TEST_F(List, SelectsByTheTimeOfCreation) {
  create(1, 1);
  clock->set(clock->now() + 1h);
  create(2, 2);
  EXPECT_THAT(ids(list("?date_start=2026-11-23T09:00:00Z")), ElementsAre("i2"));
  EXPECT_THAT(ids(list("?date_end=2026-11-23T09:00:00Z")), ElementsAre("i1"));
  EXPECT_THAT(ids(list("?date_start=2026-11-23T08:15:30.250Z&date_end=2026-11-23T09:15:30.250Z")),
              ElementsAre("i2", "i1"));
  EXPECT_THAT(ids(list("?date_start=2026-11-23T11:00:00.000%2B02:00")), ElementsAre("i2"));
  EXPECT_THAT(ids(list("?date_start=2026-11-23T11:00:00+02:00")), ElementsAre("i2"));
  EXPECT_THAT(ids(list("?date_end=2026-11-23T04:30:00-04:30")), ElementsAre("i1"));
  EXPECT_THAT(refused("?date_start=2026-11-23"), HasSubstr("date_start: must be a time such as"));
  EXPECT_THAT(refused("?date_end=2026-02-30T00:00:00Z"), HasSubstr("date_end: must be a time such as"));
  EXPECT_THAT(refused("?date_start=2026-11-23T09:00:00Z&date_end=2026-11-23T08:00:00Z"),
              HasSubstr("must not be after date_end"));
}

TEST_F(List, HoldsTheLimitsOfAPage) {
  create(1, 1);
  EXPECT_EQ(list("?per_page=100").at("result_info").at("per_page"), 100);
  for (const char* query : {"?per_page=0", "?per_page=101", "?per_page=-1", "?per_page=1.5", "?per_page=ten",
                            "?per_page=", "?per_page=99999999999999999999", "?page=0", "?page=-1",
                            "?page=1e3", "?page=1000000001"}) {
    EXPECT_THAT(refused(query), HasSubstr("must be an integer from 1 to ")) << query;
  }
}

TEST_F(List, RefusesForeignCursors) {
  for (const char* query : {"?cursor=", "?cursor=x", "?cursor=k0", "?cursor=k-1", "?cursor=k1;drop",
                            "?cursor=k99999999999999999999"}) {
    EXPECT_THAT(refused(query), HasSubstr("cursor: must ")) << query;
  }
}

TEST_F(List, CursorAndPageExcludeEachOther) {
  EXPECT_THAT(refused("?cursor=k1&page=2"), HasSubstr("must not stand beside"));
}

TEST_F(List, RefusesParametersThatItDoesNotKnowOrThatStandThereTwice) {
  EXPECT_THAT(refused("?stauts=queued"), HasSubstr("stauts: there is no such parameter in the query"));
  EXPECT_THAT(refused("?page=1&page=2"), HasSubstr("page: must not stand in the query twice"));
  EXPECT_THAT(refused("?direction=up"), HasSubstr("must be asc or desc, is 'up'"));
}

TEST_F(List, AnUnknownWorkflowIsNotFound) {
  EXPECT_EQ(ask_refused(404, "GET", "/workflows/nothing/instances").first, 10200);
}

TEST_F(List, ShowsTheDefinedWorkflows) {
  const json answer = ask_json(200, "GET", "/workflows?per_page=2");
  EXPECT_EQ(answer.at("result").size(), 2U);
  EXPECT_EQ(answer.at("result_info"), json::parse(R"({"count":2,"per_page":2,"total_count":3,"page":1})"));
  EXPECT_EQ(answer.at("result").at(0),
            json::parse(R"({"id":"00000000-0000-4000-8000-000000000001","name":"anything",)"
                        R"("version_id":"00000000-0000-4000-8000-000000000002"})"));
  EXPECT_EQ(ask_json(200, "GET", "/workflows?per_page=2&page=3").at("result"), json::array());
  EXPECT_EQ(ask_json(200, "GET", "/workflows?search=pay").at("result").size(), 1U);
}

TEST_F(List, ShowsOneWorkflow) {
  EXPECT_EQ(ask_json(200, "GET", "/workflows/payments").at("result").at("name"), "payments");
  EXPECT_EQ(ask_refused(404, "GET", "/workflows/nothing").first, 10200);
}

}  // namespace
}  // namespace cairn::tests
