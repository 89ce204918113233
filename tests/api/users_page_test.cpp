// The page of the API that this project began with: "Batch create workflow instances".

#include "tests/api/api_fixture.hpp"

#include <gtest/gtest.h>

#include <string>

namespace cairn::tests {
namespace {

constexpr const char* batch = "/workflows/anything/instances/batch";

using UsersPage = ApiFixture;

TEST_F(UsersPage, IsAnsweredByteForByte) {
  const api::Response response = ask(
      "POST", batch,
      R"([{"instance_id": "order-1", "instance_retention": {"error_retention": 3600000,)"
      R"( "success_retention": "5 minutes"}, "params": {"total": 42}},)"
      R"( {"instance_id": "order-2", "params": "text"}])",
      {{"Authorization", "Bearer $CLOUDFLARE_API_TOKEN"}, {"Content-Type", "application/json"}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body,
            R"({"success":true,"errors":[],"messages":[],"result":[)"
            R"({"id":"order-1","status":"queued","version_id":"00000000-0000-4000-8000-000000000002",)"
            R"("workflow_id":"00000000-0000-4000-8000-000000000001"},)"
            R"({"id":"order-2","status":"queued","version_id":"00000000-0000-4000-8000-000000000002",)"
            R"("workflow_id":"00000000-0000-4000-8000-000000000001"}],)"
            R"("result_info":{"count":2,"per_page":2,"total_count":2}})");
}

TEST_F(UsersPage, WorksAsCurlSendsItWithoutAContentType) {
  const api::Response response = ask("POST", batch, R"([{"instance_id":"a"}])",
                                     {{"User-Agent", "curl/7.88.1"},
                                      {"Accept", "*/*"},
                                      {"Authorization", "Bearer token"},
                                      {"Content-Type", "application/x-www-form-urlencoded"}});
  EXPECT_EQ(response.status, 200) << response.body;
}

TEST_F(UsersPage, GeneratesIdsAndKeepsTheRetentionThatWasAskedFor) {
  const json answer = ask_json(200, "POST", batch,
                               R"([{"instance_retention":{"success_retention":"1 day"}},{}])");
  ASSERT_EQ(answer.at("result").size(), 2U);
  const std::string first = answer.at("result").at(0).at("id");
  const std::string second = answer.at("result").at(1).at("id");
  EXPECT_EQ(first.size(), 36U);
  EXPECT_LT(first, second) << "generated ids rise within a batch";
  EXPECT_TRUE(anything.find(first));
}

TEST_F(UsersPage, ABodyIsOptionalForTheRequestButABatchOfNothingIsRefused) {
  for (const char* body : {"", "[]"}) {
    const auto [code, message] = ask_refused(400, "POST", batch, body);
    EXPECT_EQ(code, 10002) << body;
    EXPECT_EQ(message.find("workflows.api.error.body: body: "), 0U) << message;
  }
}

}  // namespace
}  // namespace cairn::tests
