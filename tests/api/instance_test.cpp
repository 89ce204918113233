#include "api/requests/instance_text.hpp"
#include "tests/api/api_fixture.hpp"
#include "tests/forwarding_store.hpp"

#include <cairn/id.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cairn::tests {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

constexpr Time at{1'795'421'730'000ms};  // 2026-11-23T08:15:30Z

JsonText text_of(std::string_view text) {
  return JsonText{json::parse(text)};
}

json shown(const StepText& step) {
  InstanceText instance;
  instance.steps.push_back(step);
  std::string text;
  api::append_instance(text, instance);
  return json::parse(text).at("steps").at(0);
}

TEST(InstanceText, ShowsARunningStepThatWaitsForItsRetryAsWranglerNeedsIt) {
  StepText step;
  step.name = "charge card-1";
  step.started = at;
  step.attempts = {{.started = at, .ended = at + 1s, .error = ErrorRecord{"Error", "the bank is asleep"}}};
  step.config = text_of(R"({"retries":{"limit":5,"delay":1000,"backoff":"exponential"},"timeout":600000})");
  EXPECT_EQ(
      shown(step),
      json::parse(R"({"type":"step","name":"charge card-1","start":"2026-11-23T08:15:30.000Z","end":null,
    "success":null,"output":null,"config":{"retries":{"limit":5,"delay":1000,"backoff":"exponential"},"timeout":600000},
    "attempts":[{"start":"2026-11-23T08:15:30.000Z","end":"2026-11-23T08:15:31.000Z","success":false,
                 "error":{"name":"Error","message":"the bank is asleep"}}]})"));
}

TEST(InstanceText, ShowsAStepThatSucceeded) {
  StepText step;
  step.name = "a-1";
  step.started = at;
  step.ended = at + 2s;
  step.success = true;
  step.output = text_of(R"({"x":[1]})");
  step.config = text_of("{}");
  step.attempts = {{.started = at, .ended = at + 2s}};
  const json text = shown(step);
  EXPECT_EQ(text.at("success"), true);
  EXPECT_EQ(text.at("output"), json::parse(R"({"x":[1]})"));
  EXPECT_EQ(text.at("attempts").at(0).at("success"), true);
  EXPECT_EQ(text.at("attempts").at(0).at("error"), nullptr);
}

TEST(InstanceText, ASleepThatHasNotEndedShowsWhenItWill) {
  StepText step;
  step.kind = StepKind::sleep;
  step.name = "nap-1";
  step.started = at;
  step.due = at + 1h;
  EXPECT_EQ(shown(step), json::parse(R"({"type":"sleep","name":"nap-1","start":"2026-11-23T08:15:30.000Z",
    "end":"2026-11-23T09:15:30.000Z","finished":false,"error":null})"));
  step.ended = at + 61min;
  EXPECT_EQ(shown(step).at("end"), "2026-11-23T09:16:30.000Z");
  EXPECT_EQ(shown(step).at("finished"), true);
}

TEST(InstanceText, ShowsAWaitForAnEventAndWhatCame) {
  StepText step;
  step.kind = StepKind::wait_for_event;
  step.name = "approval-1";
  step.started = at;
  step.ended = at + 1s;
  step.event_type = "approved";
  step.output = text_of(
      R"({"type":"approved","payload":{"by":"ann"},"timestamp":"2026-11-23T08:15:31.000Z"})");
  EXPECT_EQ(shown(step),
            json::parse(R"({"type":"waitForEvent","name":"approval-1","start":"2026-11-23T08:15:30.000Z",
    "end":"2026-11-23T08:15:31.000Z","finished":true,"error":null,"event_type":"approved",
    "output":{"type":"approved","payload":{"by":"ann"},"timestamp":"2026-11-23T08:15:31.000Z"}})"));
}

TEST(InstanceText, SuccessIsKnownOnlyAtTheEnd) {
  const auto success = [](Status status) {
    InstanceText instance;
    instance.status = status;
    std::string text;
    api::append_instance(text, instance);
    return json::parse(text).at("success");
  };
  EXPECT_EQ(success(Status::complete), true);
  EXPECT_EQ(success(Status::errored), false);
  EXPECT_EQ(success(Status::terminated), false);
  for (const Status status :
       {Status::queued, Status::running, Status::paused, Status::waiting, Status::waiting_for_pause}) {
    EXPECT_EQ(success(status), nullptr) << to_string(status);
  }
}

using Instance = ApiFixture;

TEST_F(Instance, IsShownWithAllItsFields) {
  anything.create({.id = "i", .params = json::parse(R"({"a":1})")});
  EXPECT_EQ(
      ask("GET", "/workflows/anything/instances/i").body,
      R"({"success":true,"errors":[],"messages":[],"result":{"status":"queued","success":null,"params":{"a":1},"output":null,)"
      R"("error":null,"queued":"2026-11-23T08:15:30.250Z","start":null,"end":null,)"
      R"("versionId":"00000000-0000-4000-8000-000000000002","trigger":{"source":"api"},"step_count":0,"rollback":null,"steps":[]}})");
}

TEST_F(Instance, ShowsTheStepsOfAFinishedRunInTheOrderAskedFor) {
  engine.start();
  const auto instance = approvals.create({.id = "i"});
  instance.send_event("approved", {{"by", "ann"}});
  EXPECT_EQ(instance.wait(), "7 approved by ann");
  const auto show = [&](const std::string& query) {
    return ask_json(200, "GET", "/workflows/approvals/instances/i" + query).at("result");
  };
  const json shown = show("");
  EXPECT_EQ(shown.at("status"), "complete");
  EXPECT_EQ(shown.at("output"), "7 approved by ann");
  EXPECT_EQ(shown.at("success"), true);
  ASSERT_EQ(shown.at("steps").size(), 2U);
  EXPECT_EQ(shown.at("steps").at(0).at("name"), "draft-1");
  EXPECT_EQ(shown.at("steps").at(0).at("output"), 7);
  EXPECT_EQ(shown.at("steps").at(0).at("config").at("retries").at("limit"), 5);
  EXPECT_EQ(shown.at("steps").at(1).at("type"), "waitForEvent");
  EXPECT_EQ(shown.at("steps").at(1).at("output").at("payload"), json::parse(R"({"by":"ann"})"));
  EXPECT_EQ(show("?order=asc"), shown);
  EXPECT_EQ(show("?order=desc").at("steps").at(0).at("type"), "waitForEvent");
  EXPECT_EQ(show("?simple=true").at("steps"), json::array());
  EXPECT_EQ(show("?simple=true").at("step_count"), 2);
}

// As many code points as text has of them.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

TEST_F(Instance, ShowsAnOutputOfAStepUpTo1024CharactersAndOfALongerOneTheBeginning) {
  engine.start();
  const std::string letter = "\u00e4\U0001d11e";  // two characters, six bytes
  const auto end_with = [&](const std::string& id, std::size_t letters) {
    std::string by(letters % 2, 'x');
    for (std::size_t i = 0; i < letters / 2; ++i) by += letter;
    const auto instance = approvals.create({.id = id});
    instance.send_event("approved", {{"by", by}});
    EXPECT_EQ(instance.wait(), "7 approved by " + by);
    return instance.describe_text().steps.at(1).output->text();
  };
  const auto shown = [&](const std::string& id) {
    return ask_json(200, "GET", "/workflows/approvals/instances/" + id).at("result");
  };
  const std::size_t rest = characters(end_with("none", 0));
  const std::string longest = end_with("longest", 1'024 - rest);
  EXPECT_EQ(shown("longest").at("steps").at(1).at("output"), json::parse(longest));
  const std::string longer = end_with("longer", 1'025 - rest);
  const std::string cut = shown("longer").at("steps").at(1).at("output");
  constexpr std::string_view mark = " [truncated output]";
  ASSERT_TRUE(cut.ends_with(mark));
  const std::string begin = cut.substr(0, cut.size() - mark.size());
  EXPECT_TRUE(longer.starts_with(begin));
  EXPECT_EQ(characters(begin), 1'024U);
  const std::string much = end_with("much", 100'000);
  EXPECT_TRUE(is_utf8(shown("much").at("steps").at(1).at("output").get<std::string>()));
  EXPECT_EQ(characters(shown("much").at("output").get<std::string>()), 100'014U)
      << "the instance's own is whole";
}

// Remembers how much of a history it was asked for.
class AskedStore final : public testing::ForwardingStore {
 public:
  explicit AskedStore(std::shared_ptr<HistoryOptions> asked)
      : ForwardingStore(open_memory()), asked_(std::move(asked)) {}
  [[nodiscard]] std::optional<History> history(Key key, const HistoryOptions& options) const override {
    *asked_ = options;
    return ForwardingStore::history(key, options);
  }

 private:
  std::shared_ptr<HistoryOptions> asked_;
};

class Asked : public ApiFixture {
 public:
  explicit Asked(std::shared_ptr<HistoryOptions> shared = std::make_shared<HistoryOptions>())
      : ApiFixture(std::make_unique<AskedStore>(shared)), asked(std::move(shared)) {
    anything.create({.id = "i", .params = {}});
  }
  std::shared_ptr<HistoryOptions> asked;
};

TEST_F(Asked, ForASimpleDescriptionNoStepIsRead) {
  ask_json(200, "GET", "/workflows/anything/instances/i?simple=true");
  EXPECT_FALSE(asked->steps);
  EXPECT_FALSE(asked->events);
}

TEST_F(Asked, ForADescriptionNoOutputIsReadToItsEndAndNoEvent) {
  ask_json(200, "GET", "/workflows/anything/instances/i");
  EXPECT_TRUE(asked->steps);
  EXPECT_EQ(asked->output_characters, 1'024U);
  EXPECT_FALSE(asked->events);
  EXPECT_LE(asked->bytes_max, options.bytes_in_flight);
}

TEST_F(Instance, ABadQueryIsRefused) {
  anything.create({.id = "i", .params = {}});
  const auto message = [&](const std::string& query) {
    return ask_refused(400, "GET", "/workflows/anything/instances/i" + query).second;
  };
  EXPECT_THAT(message("?simple=yes"), HasSubstr("must be true or false"));
  EXPECT_THAT(message("?order=up"), HasSubstr("must be desc or asc"));
  EXPECT_THAT(message("?verbose=1"), HasSubstr("verbose: there is no such parameter"));
}

TEST_F(Instance, AnUnknownOneIsNotFoundAndABadIdIsRefused) {
  const auto [code, message] = ask_refused(404, "GET", "/workflows/anything/instances/none");
  EXPECT_EQ(code, 10400);
  EXPECT_THAT(message, HasSubstr("workflows.api.error.instance.not_found: "));
  for (const char* id : {"-x", "a%20b", "a%2Fb", "terminateAll", "%27"}) {
    EXPECT_THAT(ask_refused(400, "GET", "/workflows/anything/instances/" + std::string{id}).second,
                HasSubstr("instance_id: "))
        << id;
  }
}

TEST_F(Instance, OfAnotherWorkflowIsNotFound) {
  anything.create({.id = "i", .params = {}});
  EXPECT_EQ(ask_refused(404, "GET", "/workflows/payments/instances/i").first, 10400);
}

}  // namespace
}  // namespace cairn::tests
