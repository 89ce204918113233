// One step of an instance, with its whole output.

#include "tests/api/api_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace cairn::tests {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

constexpr StepOptions at_once{.retries = {.limit = 3, .delay = 0ms}};
constexpr StepOptions in_an_hour{.retries = {.limit = 3, .delay = 1h}};

Task<std::string> shaky(Context& context, json how) {
  const StepOptions options = how == "waits" ? in_an_hour : at_once;
  std::string output = co_await context.step("try", options, [&](StepContext& step) {
    if (how == "fails" || step.attempt() < 3)
      throw std::runtime_error{"attempt " + std::to_string(step.attempt())};
    return std::string(2'000, 'x');
  });
  co_return output;
}

class Step : public ApiFixture {
 public:
  Step() {
    engine.define("shaky", shaky);
    engine.start();
  }

  cairn::Instance<json> make(const std::string& how) {
    return engine.workflow("shaky").create({.id = how, .params = how});
  }
  api::Response ask_for(const std::string& where, const std::string& query) {
    return ask("GET", "/workflows/" + where + "/step?" + query);
  }
  json result(const std::string& where, const std::string& query) {
    const api::Response response = ask_for(where, query);
    EXPECT_EQ(response.status, 200) << response.body;
    return json::parse(response.body).at("result");
  }
  std::string refused(int status, const std::string& query,
                      const std::string& where = "shaky/instances/works") {
    return ask_refused(status, "GET", "/workflows/" + where + "/step?" + query).second;
  }
};

json error(const std::string& message) {
  return {{"name", "Error"}, {"message", message}};
}

TEST_F(Step, IsGivenWithItsOutputWhole) {
  make("works").wait();
  EXPECT_EQ(result("shaky/instances/works", "name=try-1&type=step"),
            json({{"status", "complete"}, {"error", nullptr}, {"output", std::string(2'000, 'x')}}));
  EXPECT_THAT(ask("GET", "/workflows/shaky/instances/works").body, HasSubstr("[truncated output]"));
}

TEST_F(Step, IsGivenByAttempt) {
  make("works").wait();
  const auto attempt = [&](int number) {
    return result("shaky/instances/works", "name=try-1&type=step&attempt=" + std::to_string(number));
  };
  EXPECT_EQ(attempt(1), json({{"status", "errored"}, {"error", error("attempt 1")}, {"output", nullptr}}));
  EXPECT_EQ(attempt(2), json({{"status", "errored"}, {"error", error("attempt 2")}, {"output", nullptr}}));
  EXPECT_EQ(attempt(3).at("status"), "complete");
  EXPECT_THAT(
      refused(404, "name=try-1&type=step&attempt=4"),
      HasSubstr("workflows.api.error.step.not_found: attempt: the step 'try-1' has had 3 attempts, not 4"));
}

TEST_F(Step, ThatHasFailedForGoodHasItsError) {
  const auto instance = make("fails");
  EXPECT_THROW(instance.wait(), InstanceError);
  const json errored({{"status", "errored"}, {"error", error("attempt 4")}, {"output", nullptr}});
  EXPECT_EQ(result("shaky/instances/fails", "name=try-1&type=step"), errored);
  EXPECT_EQ(result("shaky/instances/fails", "name=try-1&type=step&attempt=4"), errored);
}

TEST_F(Step, BetweenTwoAttemptsRunsAndHasTheErrorOfTheFirst) {
  const auto instance = make("waits");
  while (instance.describe().steps.empty() || !instance.describe().steps[0].due) std::this_thread::yield();
  EXPECT_EQ(result("shaky/instances/waits", "name=try-1&type=step"),
            json({{"status", "running"}, {"error", error("attempt 1")}, {"output", nullptr}}));
  EXPECT_EQ(result("shaky/instances/waits", "name=try-1&type=step&attempt=1").at("status"), "errored");
}

TEST_F(Step, ThatWaitsForAnEventIsGivenWithItsType) {
  const auto instance = approvals.create({.id = "i"});
  while (instance.describe().steps.size() < 2) std::this_thread::yield();
  EXPECT_EQ(
      result("approvals/instances/i", "name=approval-1&type=waitForEvent"),
      json({{"status", "waiting"}, {"error", nullptr}, {"output", nullptr}, {"event_type", "approved"}}));
  instance.send_event("approved", {{"by", "ann"}});
  instance.wait();
  const json received = result("approvals/instances/i", "type=waitForEvent&name=approval-1");
  EXPECT_EQ(received.at("status"), "complete");
  EXPECT_EQ(received.at("output").at("payload"), json({{"by", "ann"}}));
}

TEST_F(Step, MayHaveANameOfAnyLetters) {
  engine.define("letters", [](Context& context) -> Task<int> {
    const int one = co_await context.step("gr\u00fc\u00dfe-2 & mehr", [] { return 1; });
    co_return one;
  });
  engine.workflow("letters").create({.id = "i"}).wait();
  EXPECT_EQ(result("letters/instances/i", "name=gr%C3%BC%C3%9Fe-2%20%26+mehr-1&type=step").at("output"), 1);
}

TEST_F(Step, ThatIsNotThereIsNotFound) {
  make("works").wait();
  for (const char* query : {"name=try-2&type=step", "name=try&type=step", "name=other-1&type=step",
                            "name=try-1&type=waitForEvent", "name=-&type=step"}) {
    EXPECT_THAT(refused(404, query), HasSubstr("workflows.api.error.step.not_found: ")) << query;
  }
  EXPECT_EQ(ask_refused(404, "GET", "/workflows/shaky/instances/none/step?name=a-1&type=step").first, 10400);
  EXPECT_EQ(ask_refused(404, "GET", "/workflows/none/instances/i/step?name=a-1&type=step").first, 10200);
}

TEST_F(Step, NamesWhatIsWrongWithTheQuery) {
  make("works").wait();
  EXPECT_THAT(refused(400, "type=step"), HasSubstr("name: is required in the query"));
  EXPECT_THAT(refused(400, "name=&type=step"), HasSubstr("name: is required in the query"));
  EXPECT_THAT(refused(400, "name=try-1"), HasSubstr("type: is required in the query"));
  EXPECT_THAT(refused(400, "name=try-1&type=sleep"),
              HasSubstr("type: must be step or waitForEvent, is 'sleep'"));
  for (const char* attempt : {"0", "-1", "x", "1.5", "2147483648"}) {
    EXPECT_THAT(refused(400, "name=try-1&type=step&attempt=" + std::string{attempt}),
                HasSubstr("attempt: must be an integer from 1 to 2147483647"));
  }
  EXPECT_THAT(refused(400, "name=a-1&type=waitForEvent&attempt=1"), HasSubstr("attempt: "));
  EXPECT_THAT(refused(400, "name=try-1&type=step&verbose=1"),
              HasSubstr("verbose: there is no such parameter"));
  EXPECT_EQ(ask("POST", "/workflows/shaky/instances/works/step", "{}").status, 405);
}

}  // namespace
}  // namespace cairn::tests
