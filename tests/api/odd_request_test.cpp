#include "tests/api/api_fixture.hpp"
#include "tests/odd_exceptions.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// Handlers run code of the host: codecs, sources of ids, log sinks. Whatever it throws, each request has its
// answer, and the next one is served.
namespace cairn::tests {
namespace {

using cairn::testing::is_recordable;
using cairn::testing::odd_exceptions;
using cairn::testing::odd_name;
using cairn::testing::OddCodec;
using cairn::testing::OddException;
using cairn::testing::OddValue;

class OddRandom final : public RandomSource {
 public:
  Uuid bytes() override {
    if (void (*const odd)() = raise) odd();
    return counting_.bytes();
  }
  std::atomic<void (*)()> raise = nullptr;

 private:
  CountingRandom counting_;
};

Task<void> take(Context& /*context*/, OddValue /*value*/) {
  co_return;
}

class OddRequest : public ::testing::TestWithParam<OddException> {
 protected:
  OddRequest() {
    EngineOptions with;
    with.random = random;
    engine.emplace(open_memory(), with);
    workflow.emplace(engine->define("odd", take));
    options.log = [this](LogLevel, std::string_view) {
      if (log_raises) GetParam().raise();
    };
    application.emplace(*engine, options);
  }

  // The status of the answer, which is whole.
  int ask(std::string_view where, std::string_view body) {
    const api::Response response = answer(*application,
                                          {.method = "POST",
                                           .target = "/client/v4/accounts/acc" + std::string{where},
                                           .headers = {{"Host", "localhost:8787"}},
                                           .body_bytes = body.size()},
                                          body);
    EXPECT_TRUE(json::accept(response.body));
    EXPECT_TRUE(is_recordable(response.body));
    return response.status;
  }

  int ask_for_one(std::string_view body) { return ask("/workflows/odd/instances", body); }
  int ask_for_many(std::string_view body) { return ask("/workflows/odd/instances/batch", body); }

  // That may be carried out together.
  static std::vector<api::Request> two_requests() {
    std::vector<api::Request> requests;
    for (const char* body : {R"({"params":1})", R"({"params":2})"}) {
      requests.push_back(
          {{.where = {.route = api::Route::instances, .workflow = "odd"}, .post = true}, body});
    }
    return requests;
  }

  // Lack of memory has an answer of its own.
  [[nodiscard]] int or_lack_of_memory(int status) const { return GetParam().lacks_memory ? 500 : status; }

  std::shared_ptr<OddRandom> random = std::make_shared<OddRandom>();
  HttpOptions options;
  std::optional<Engine> engine;
  std::optional<Workflow<OddValue, void>> workflow;
  std::optional<api::Application> application;
  bool log_raises = false;
};

TEST_P(OddRequest, WithParamsWhoseCodecThrowsIsTheCallersFault) {
  {
    const OddCodec codec{OddCodec::decoding, GetParam()};
    // A type that throws an `Error` of its own chooses the answer.
    const bool own = std::string_view{GetParam().name} == "NullTextOfCairn";
    const int refused = or_lack_of_memory(own ? 413 : 400);
    EXPECT_EQ(ask_for_one(R"({"params":1})"), refused);
    EXPECT_EQ(ask_for_many(R"([{"params":1},{"params":2}])"), refused);
  }
  EXPECT_EQ(ask_for_one(R"({"params":1})"), 200);
}

TEST_P(OddRequest, AmongOthersIsAnsweredAlone) {
  const OddCodec codec{OddCodec::decoding, GetParam()};
  std::vector<api::Request> requests = two_requests();
  const std::vector<std::optional<api::Response>> answers = application->create_together(requests);
  for (const auto& one : answers) EXPECT_FALSE(one) << "it is to be carried out alone";
}

TEST_P(OddRequest, ThatNeedsAnIdFailsWhenThereIsNone) {
  random->raise = GetParam().raise;
  for (const bool logged : {true, false}) {
    log_raises = !logged;
    EXPECT_GE(ask_for_one(R"({"params":1})"), 400);
    EXPECT_GE(ask_for_many(R"([{"params":1}])"), 400);
    std::vector<api::Request> requests = two_requests();
    for (const auto& one : application->create_together(requests)) {
      EXPECT_TRUE(!one || one->status >= 400);
    }
  }
  random->raise = nullptr;
  EXPECT_EQ(ask_for_one(R"({"params":1})"), 200);
}

INSTANTIATE_TEST_SUITE_P(Odd, OddRequest, ::testing::ValuesIn(odd_exceptions()),
                         odd_name<::testing::TestParamInfo<OddException>>);

}  // namespace
}  // namespace cairn::tests
