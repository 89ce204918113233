#include "tests/api/api_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <malloc.h>

#include <cstddef>
#include <string>

namespace cairn::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class Create : public ApiFixture {
 public:
  json batch(std::string_view body, std::string_view workflow = "anything") {
    return ask_json(200, "POST", "/workflows/" + std::string{workflow} + "/instances/batch", body);
  }
  std::string refused(std::string_view body, std::string_view workflow = "anything", int status = 400) {
    const auto [code, message] = ask_refused(
        status, "POST", "/workflows/" + std::string{workflow} + "/instances/batch", body);
    EXPECT_EQ(code, status == 400 ? 10002 : 20001);
    return message;
  }
  [[nodiscard]] std::size_t count() const {
    return anything.list().instances.size() + payments.list().instances.size();
  }
};

TEST_F(Create, SkipsTakenAndRepeatedIdsAndSaysWhich) {
  batch(R"([{"instance_id":"taken"}])");
  const json answer = batch(
      R"([{"instance_id":"a"},{"instance_id":"taken"},{"instance_id":"b"},{"instance_id":"a"}])");
  ASSERT_EQ(answer.at("result").size(), 2U);
  EXPECT_EQ(answer.at("result").at(0).at("id"), "a");
  EXPECT_EQ(answer.at("result").at(1).at("id"), "b");
  EXPECT_EQ(
      answer.at("messages"),
      json::parse(
          R"([{"code":10405,"message":"workflows.api.error.instance.already_exists: [1] was skipped: the )"
          R"(instance_id 'taken' is taken"},{"code":10415,"message":"workflows.api.error.instance.)"
          R"(duplicate_in_batch: [3] was skipped: the instance_id 'a' stands earlier in the batch"}])"));
}

TEST_F(Create, ARepeatedBatchCreatesNothingAndSucceeds) {
  batch(R"([{"instance_id":"a"},{"instance_id":"b"}])");
  const json answer = batch(R"([{"instance_id":"a"},{"instance_id":"b"}])");
  EXPECT_EQ(answer.at("result"), json::array());
  EXPECT_EQ(answer.at("messages").size(), 2U);
  EXPECT_EQ(count(), 2U);
}

TEST_F(Create, KeepsAnyParamsAsTheyCame) {
  batch(
      R"([{"instance_id":"o","params":{"b":[1,2.5,null],"a":"\u0000"}},{"instance_id":"s","params":"{\"a\":1}"},)"
      R"({"instance_id":"n","params":null},{"instance_id":"none"},{"instance_id":"f","params":1.0}])");
  EXPECT_EQ(anything.get("o").describe().params, json::parse(R"({"b":[1,2.5,null],"a":"\u0000"})"));
  EXPECT_EQ(anything.get("s").describe().params, json("{\"a\":1}")) << "a string stays a string";
  EXPECT_EQ(anything.get("n").describe().params, json(nullptr));
  EXPECT_EQ(anything.get("none").describe().params, json::object()) << "no params: an empty object";
  EXPECT_TRUE(anything.get("f").describe().params.is_number_float());
}

// Numbers that a double or a tree would change, the order of keys, escapes, blanks.
TEST_F(Create, PassesParamsOnByTheirBytes) {
  const std::string odd =
      R"({ "z":-0, "a":1e2,"b":0.12345678901234567890, "n":[1.0,1.50, -0.0,2E+3 ],"\u0061b":"\/\u00e9\"}" })";
  const auto shown = [&](std::string_view id) {
    return ask("GET", "/workflows/anything/instances/" + std::string{id}).body;
  };
  batch(R"([{}, { "instance_id" : "b" , "params" : )" + odd +
        R"( , "location_hint":"me"},{"instance_id":"n","params":-0}])");
  EXPECT_THAT(shown("b"), HasSubstr(R"("params":)" + odd + ","));
  EXPECT_THAT(shown("n"), HasSubstr(R"("params":-0,)"));
  ask_json(200, "POST", "/workflows/anything/instances",
           R"( {"p\u0061rams":)" + odd + R"(,"instance_id":"o"} )");
  EXPECT_THAT(shown("o"), HasSubstr(R"("params":)" + odd + ","));
  ask_json(200, "POST", "/workflows/payments/instances",
           R"({"instance_id":"p","params":{"cents":3e2,"card":"x"}})");
  EXPECT_THAT(ask("GET", "/workflows/payments/instances/p").body,
              HasSubstr(R"("params":{"cents":3e2,"card":"x"},)"));
}

TEST_F(Create, NamesIndexAndFieldOfWhatDoesNotFitTheWorkflowsInput) {
  const std::string fits = R"({"params":{"card":"visa","cents":1}},)";
  EXPECT_THAT(refused("[" + fits + fits + fits + R"({"params":{"card":"visa","cents":"12"}}])", "payments"),
              StartsWith("workflows.api.error.body: [3].params.cents: "));
  EXPECT_THAT(refused("[" + fits + R"({"params":{"card":"visa","cents":1.5}}])", "payments"),
              HasSubstr("[1].params.cents: "));
  EXPECT_THAT(refused(R"([{"params":{"cents":1}}])", "payments"), HasSubstr("[0].params"));
  EXPECT_THAT(refused(R"([{}])", "payments"), HasSubstr("[0].params"));
  EXPECT_EQ(count(), 0U) << "nothing of a refused batch is created";
}

TEST_F(Create, NamesIndexAndFieldOfEveryBadEntry) {
  const auto refused_second = [&](const std::string& entry) {
    return refused(R"([{"instance_id":"fine"},)" + entry + "]");
  };
  EXPECT_THAT(refused_second(R"({"instance_id":"not fine!"})"), HasSubstr("[1].instance_id: "));
  EXPECT_THAT(refused_second(R"({"instance_id":""})"), HasSubstr("[1].instance_id: "));
  EXPECT_THAT(refused_second(R"({"instance_id":"a\u0000b"})"), HasSubstr("[1].instance_id: "));
  EXPECT_THAT(refused_second(R"({"instance_id":")" + std::string(101, 'a') + R"("})"),
              HasSubstr("[1].instance_id: "));
  EXPECT_THAT(refused_second(R"({"instance_id":"batch"})"), HasSubstr("[1].instance_id: "));
  EXPECT_THAT(refused_second(R"({"instance_id":17})"),
              HasSubstr("[1].instance_id: must be a string, is a number"));
  EXPECT_THAT(refused_second(R"({"instance_id":null})"),
              HasSubstr("[1].instance_id: must be a string, is null"));
  EXPECT_THAT(refused_second(R"("fine-too")"), HasSubstr("[1]: must be an object, is a string"));
  EXPECT_THAT(refused_second(R"({"id":"x"})"), HasSubstr("[1].id: there is no such field"));
  EXPECT_THAT(refused_second(R"({"instance_retention":5})"),
              HasSubstr("[1].instance_retention: must be an object, is a number"));
  EXPECT_THAT(refused_second(R"({"instance_retention":{"success":5}})"),
              HasSubstr("[1].instance_retention.success: there is no such field"));
  EXPECT_THAT(refused_second(R"({"my id":"x"})"), HasSubstr("[1]['my id']: there is no such field"));
  EXPECT_THAT(refused_second(R"({"location_hint":"moon"})"),
              HasSubstr("[1].location_hint: must be one of wnam"));
  EXPECT_EQ(count(), 0U);
}

TEST_F(Create, RefusesRetentionsThatAreNoDurations) {
  for (const char* value : {"0", "-1", "1.5", "-0.0", "1e300", "3.1e0", "18446744073709551615",
                            "315360000001", "true", "null", "[]", "{}", "\"\"", "\"5\"", "\"5min\"",
                            "\"-5 minutes\"", "\"0 seconds\"", "\"5 fortnights\"", "\"9999999999 years\""}) {
    const std::string entry = R"([{"instance_retention":{"error_retention":)" + std::string{value} + "}}]";
    EXPECT_THAT(refused(entry), HasSubstr("[0].instance_retention.error_retention: ")) << value;
  }
}

TEST_F(Create, TakesRetentionsAsMillisecondsAndAsDurations) {
  for (const char* value : {"1", "1.0", "300000.0", "3e5", "3153.6e8", "315360000000", "\"5 minutes\"",
                            "\"1.5 seconds\"", "\"250 ms\"", "\"3650 days\""}) {
    batch(R"([{"instance_retention":{"error_retention":)" + std::string{value} + "}}]");
  }
}

TEST_F(Create, TakesAHintOfAPlaceAndIgnoresIt) {
  batch(R"([{"location_hint":"apac-ne"}])");
}

TEST_F(Create, RefusesWhatIsNoJson) {
  for (const char* body :
       {"[", "[{}]x", "[{}],", "\xef\xbb\xbf[{}]", "[{\"params\":\"\xff\"}]", "[{\"params\":\"\\ud800\"}]",
        "[{'a':1}]", "[{\"params\":{\"a\":1,\"a\":2}}]", "[{\"params\":1e999}]", "[{\"params\":NaN}]",
        "[{},]", "[{\"params\":123456789012345678901234567890}]"}) {
    EXPECT_THAT(refused(body), HasSubstr("body")) << body;
  }
}

// Wherever it stands: each entry is parsed by itself.
TEST_F(Create, RefusesNulBytesAndByteOrderMarksInsideABatch) {
  const std::string nul(1, '\0');
  const std::string mark = "\xef\xbb\xbf";
  for (const std::string& odd : {nul, mark}) {
    for (const std::string& body :
         {odd + "[{}]", "[" + odd + "{}]", "[ " + odd + "{}]", "[{}" + odd + "]", "[{}," + odd + "{}]",
          "[{}, " + odd + " {}]", "[{}" + odd + ",{}]", "[{}]" + odd, "[" + odd + "]",
          "[{\"params\":" + odd + "1}]", "[{\"params\":\"" + nul + "\"}]"}) {
      EXPECT_THAT(refused(body), HasSubstr("body"))
          << json(body).dump(-1, ' ', true, json::error_handler_t::replace);
    }
  }
  EXPECT_EQ(count(), 0U);
  EXPECT_THAT(refused("[{}," + mark + "{}]"), HasSubstr("[1]: must not begin with a byte order mark"));
  EXPECT_THAT(refused("[{},{}" + nul + "]"), HasSubstr("[1]: not well-formed JSON at byte 2: a NUL byte"));
}

TEST_F(Create, RefusesABodyThatIsNoArray) {
  EXPECT_THAT(refused("{}"), HasSubstr("body: must be an array, is an object"));
  EXPECT_THAT(refused("null"), HasSubstr("body: must be an array, is null"));
}

TEST_F(Create, HoldsTheLimitOfDepthForParams) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  batch(R"([{"params":)" + nested(64) + "}]");
  EXPECT_THAT(refused(R"([{"params":)" + nested(65) + "}]"), HasSubstr("nested"));
  EXPECT_THAT(refused(std::string(200'000, '[')), HasSubstr("nested"));
}

TEST_F(Create, HoldsTheLimitOfEntries) {
  options.batch_entries = 3;
  batch("[{},{},{}]");
  EXPECT_THAT(refused("[{},{},{},{}]"), HasSubstr("body: must not have more than 3 entries, has 4"));
  EXPECT_EQ(count(), 3U);
}

TEST_F(Create, HoldsTheLimitOfValues) {
  options.body_values = 10;
  batch(R"([{"params":[1,2,{"a":[]},null]},{}])");  // 9
  batch(R"([{"params":"[,,,,,,,,,,,,,,,,]"}])");
  EXPECT_THAT(refused(R"([{"params":[1,2,{"a":[]},null,5,6,7]}])"),
              HasSubstr("body: must not hold more than 10 JSON values (body_values), holds 11"));
  const auto alone = [&](const std::string& method, const std::string& path) {
    return ask_refused(400, method, "/workflows/anything/instances" + path, "[1,2,3,4,5,6,7,8,9,10,11]")
        .second;
  };
  EXPECT_THAT(alone("POST", ""), HasSubstr("body_values"));
  EXPECT_THAT(alone("POST", "/none/events/word"), HasSubstr("body_values"));
  EXPECT_THAT(alone("PATCH", "/none/status"), HasSubstr("body_values"));
  EXPECT_EQ(count(), 3U);
}

TEST_F(Create, CountsEntriesAndValuesBeforeItBuildsThem) {
  std::string many = "[{}";
  while (many.size() < 6'000'000) many += ",{}";
  const std::size_t before = ::mallinfo2().arena + ::mallinfo2().hblkhd;
  EXPECT_THAT(refused(many + "]"), HasSubstr("body: must not have more than 10000 entries, has 20"));
  EXPECT_THAT(refused(R"([{"params":)" + many + "]}]"), HasSubstr("body_values"));
  EXPECT_THAT(refused(many), HasSubstr("body_values")) << "it has no end";
  const std::size_t after = ::mallinfo2().arena + ::mallinfo2().hblkhd;
  EXPECT_LT(after, before + (std::size_t{32} << 20)) << "as trees they would take 200 MB";
}

TEST_F(Create, NamesTheEntryThatIsNoJson) {
  EXPECT_THAT(refused(R"([{},{"params":[1,]}])"), HasSubstr("body: [1]: not well-formed JSON at byte 13"));
  EXPECT_THAT(refused(R"([{},{"params":{"a":1,"a":2}}])"),
              HasSubstr("body: [1].params: has the key 'a' twice"));
  EXPECT_THAT(refused("[{},]"), HasSubstr("body: [1]: not well-formed JSON"));
  EXPECT_EQ(count(), 0U);
}

TEST_F(Create, HoldsTheLimitOfParams) {
  const std::string longest(engine.options().limits.params_bytes - 2, 'x');
  batch(R"([{"params":")" + longest + R"("}])");
  EXPECT_THAT(refused(R"([{},{"params":"x)" + longest + R"("}])", "anything", 413),
              HasSubstr("[1].params: must be at most 1048576"));
  EXPECT_EQ(count(), 1U);
}

TEST_F(Create, AnUnknownWorkflowIsNotFoundAndABadNameIsRefused) {
  EXPECT_EQ(ask_refused(404, "POST", "/workflows/nothing/instances/batch", "[{}]").first, 10200);
  EXPECT_EQ(ask_refused(404, "POST", "/workflows/nothing/instances", "{}").first, 10200);
  EXPECT_THAT(ask_refused(400, "POST", "/workflows/-x/instances", "{}").second, HasSubstr("workflow_name"));
}

TEST_F(Create, OneInstanceIsAnsweredAsOneObject) {
  const api::Response response = ask("POST", "/workflows/anything/instances",
                                     R"({"instance_id":"one","params":[1]})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body,
            R"({"success":true,"errors":[],"messages":[],"result":{"id":"one","status":"queued",)"
            R"("version_id":"00000000-0000-4000-8000-000000000002",)"
            R"("workflow_id":"00000000-0000-4000-8000-000000000001"}})");
  EXPECT_EQ(anything.get("one").describe().params, json::parse("[1]"));
}

TEST_F(Create, OneInstanceNeedsNoBody) {
  const json answer = ask_json(200, "POST", "/workflows/anything/instances");
  EXPECT_TRUE(anything.find(answer.at("result").at("id").get<std::string>()));
  ask_json(200, "POST", "/workflows/anything/instances", "{}");
}

TEST_F(Create, OneInstanceOfATakenIdIsAConflictThatNobodyRetries) {
  ask_json(200, "POST", "/workflows/anything/instances", R"({"instance_id":"one"})");
  const api::Response again = ask("POST", "/workflows/anything/instances", R"({"instance_id":"one"})");
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(header(again, "x-should-retry"), "false");
  EXPECT_THAT(again.body, HasSubstr(R"("code":10405)"));
}

TEST_F(Create, OneInstancesErrorsNameTheFieldAlone) {
  const auto message = [&](std::string_view workflow, std::string_view body) {
    return ask_refused(400, "POST", "/workflows/" + std::string{workflow} + "/instances", body).second;
  };
  EXPECT_THAT(message("payments", R"({"params":{"card":"visa","cents":true}})"),
              StartsWith("workflows.api.error.body: params.cents: "));
  EXPECT_THAT(message("anything", R"({"instance_id":"-"})"),
              StartsWith("workflows.api.error.body: instance_id: "));
  EXPECT_THAT(message("anything", "[]"), HasSubstr("body: must be an object, is an array"));
}

TEST_F(Create, RefusesAQueryBecauseItWouldBeIgnored) {
  EXPECT_THAT(ask_refused(400, "POST", "/workflows/anything/instances?id=x", "{}").second,
              HasSubstr("id: there is no such parameter in the query"));
}

}  // namespace
}  // namespace cairn::tests
