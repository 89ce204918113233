// Creations of one instance that are carried out in one transaction: each gets the answer that it would get
// alone.

#include "tests/api/api_fixture.hpp"
#include "tests/api/faulty_store.hpp"
#include "tests/api/wire_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <new>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cairn::tests {
namespace {

using ::testing::HasSubstr;

// Takes as much memory as its params say, which may be more than there is.
struct Greedy {};
void from_json(const json& params, Greedy& /*greedy*/) {
  if (params == "all") throw std::bad_alloc{};
}
void to_json(json& params, const Greedy& /*greedy*/) {
  params = "some";
}

Task<void> take(Context& /*context*/, Greedy /*greedy*/) {
  co_return;
}

class CreateTogether : public ApiFixture {
 public:
  explicit CreateTogether(std::shared_ptr<Faults> shared = std::make_shared<Faults>())
      : ApiFixture(std::make_unique<FaultyStore>(shared)), faults(std::move(shared)) {}

  std::vector<std::optional<api::Response>> ask_together(const std::vector<std::string>& bodies,
                                                         const std::string& workflow = "anything") {
    std::vector<api::Request> requests;
    for (const std::string& body : bodies) {
      requests.push_back(
          {{.where = {.route = api::Route::instances, .workflow = workflow}, .post = true}, body});
    }
    return application.create_together(requests);
  }
  [[nodiscard]] std::size_t count() const { return anything.list().instances.size(); }

  std::shared_ptr<Faults> faults;
};

std::string id_of(const std::optional<api::Response>& response) {
  return json::parse(response->body).at("result").at("id");
}

TEST_F(CreateTogether, AnswersEachRequestWithItsOwnInstance) {
  const auto answers = ask_together(
      {R"({"instance_id":"a"})", "{}", R"({"instance_id":"b","params":[1]})", ""});
  std::set<std::string> ids;
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    ids.insert(id_of(answer));
  }
  EXPECT_EQ(id_of(answers[0]), "a");
  EXPECT_EQ(id_of(answers[2]), "b");
  EXPECT_EQ(ids.size(), 4U);
  EXPECT_EQ(anything.get("b").describe().params, json::parse("[1]"));
  EXPECT_EQ(anything.get(id_of(answers[1])).describe().params, json::object());
}

TEST_F(CreateTogether, LeavesWhatIsRefusedToBeAnsweredAlone) {
  ask_together({R"({"instance_id":"taken"})"});
  const auto answers = ask_together({R"({"instance_id":"a"})", R"({"instance_id":"taken"})", "[]",
                                     R"({"instance_id":"a"})", R"({"instance_id":"b"})"});
  EXPECT_EQ(id_of(answers[0]), "a");
  EXPECT_FALSE(answers[1]) << "taken";
  EXPECT_FALSE(answers[2]) << "not an object";
  EXPECT_FALSE(answers[3]) << "repeated";
  EXPECT_EQ(id_of(answers[4]), "b");
  EXPECT_EQ(count(), 3U);
}

TEST_F(CreateTogether, LeavesOutWhatTheHostsCodeRunsOutOfMemoryWith) {
  const auto greedy = engine.define("greedy", take);
  const auto answers = ask_together({R"({"instance_id":"a","params":"some"})", R"({"params":"all"})",
                                     R"({"instance_id":"b","params":"some"})"},
                                    "greedy");
  ASSERT_EQ(answers.size(), 3U);
  ASSERT_TRUE(answers[0] && answers[2]);
  EXPECT_EQ(id_of(answers[0]), "a");
  EXPECT_FALSE(answers[1]);
  EXPECT_EQ(id_of(answers[2]), "b");
  EXPECT_EQ(greedy.list().instances.size(), 2U);
}

TEST_F(CreateTogether, LeavesAllToBeAnsweredAloneWhenTheWholeIsRefused) {
  for (const auto& answer : ask_together({"{}", "{}"}, "unheard-of")) EXPECT_FALSE(answer);
  faults->fail(Errc::store_failed);
  for (const auto& answer : ask_together({"{}", "{}"})) EXPECT_FALSE(answer);
  faults->fail(std::nullopt);
  EXPECT_EQ(count(), 0U);
}

TEST_F(CreateTogether, AnUnknownOutcomeListsToEachOnlyTheIdThatTheServerChoseForIt) {
  faults->fail(Errc::outcome_unknown);
  const auto answers = ask_together({"{}", R"({"instance_id":"own"})", "{}"});
  std::set<json> messages;
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 500);
    messages.insert(json::parse(answer->body).at("messages"));
  }
  EXPECT_EQ(json::parse(answers[1]->body).at("messages"), json::array());
  EXPECT_THAT(json::parse(answers[2]->body).at("messages").at(0).get<std::string>(),
              HasSubstr("[0].instance_id: "));
  EXPECT_EQ(messages.size(), 3U);
}

TEST_F(CreateTogether, ThroughSocketsEachAskerGetsItsAnswer) {
  HttpOptions some;
  some.port = 0;
  HttpServer server{engine, some};
  server.start();
  const auto create = [](const std::string& body) {
    return "POST /accounts/acc/workflows/anything/instances HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
  };
  faults->hold(true);
  WireClient first{server.port()};
  first.send(create(R"({"instance_id":"first"})"));
  faults->wait_until_held();  // what comes now waits for the first
  std::vector<std::unique_ptr<WireClient>> clients;
  for (int number = 0; number < 20; ++number) {
    clients.push_back(std::make_unique<WireClient>(server.port()));
    const bool taken = number % 5 == 0;
    const bool bad = number % 5 == 1;
    const std::string id = taken ? "first" : std::to_string(number);
    clients.back()->send(create(bad ? "[" : R"({"instance_id":")" + id + "\"}"));
  }
  faults->hold(false);
  EXPECT_EQ(first.receive().status, 200);
  for (int number = 0; number < 20; ++number) {
    const WireResponse response = clients[static_cast<std::size_t>(number)]->receive();
    const int expected = number % 5 == 0 ? 409 : number % 5 == 1 ? 400 : 200;
    EXPECT_EQ(response.status, expected) << response.body;
    if (expected == 200) {
      EXPECT_EQ(json::parse(response.body).at("result").at("id"), std::to_string(number));
    }
  }
  EXPECT_EQ(count(), 13U);
}

}  // namespace
}  // namespace cairn::tests
