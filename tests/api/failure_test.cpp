#include "api/requests/failure.hpp"

#include "api/connections/response_head.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <string>

namespace cairn::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Row {
  Errc error;
  int status;
  int code;
  const char* name;
};

constexpr std::array rows{
    Row{Errc::internal, 500, 10001, "internal_server"},
    Row{Errc::invalid_argument, 400, 10002, "body"},
    Row{Errc::workflow_not_found, 404, 10200, "workflow.not_found"},
    Row{Errc::instance_not_found, 404, 10400, "instance.not_found"},
    Row{Errc::cannot_terminate, 409, 10401, "instance.cannot_terminate"},
    Row{Errc::cannot_pause, 409, 10402, "instance.cannot_pause"},
    Row{Errc::cannot_resume, 409, 10403, "instance.cannot_resume"},
    Row{Errc::cannot_restart, 409, 10404, "instance.cannot_restart"},
    Row{Errc::instance_already_exists, 409, 10405, "instance.already_exists"},
    Row{Errc::cannot_send_event, 409, 10406, "instance.cannot_send_event"},
    Row{Errc::duplicate_in_batch, 409, 10415, "instance.duplicate_in_batch"},
    Row{Errc::too_large, 413, 20001, "too_large"},
    Row{Errc::wrong_thread, 500, 10001, "internal_server"},
    Row{Errc::engine_stopped, 503, 20003, "engine_stopped"},
    Row{Errc::store_failed, 503, 20004, "store_failed"},
    Row{Errc::outcome_unknown, 500, 20005, "outcome_unknown"},
    Row{Errc::not_a_cairn_file, 500, 10001, "internal_server"},
    Row{Errc::file_is_newer, 500, 10001, "internal_server"},
    Row{Errc::file_is_read_only, 503, 20008, "file_is_read_only"},
    Row{Errc::file_is_owned, 503, 20009, "file_is_owned"},
    Row{Errc::timed_out, 504, 20010, "timed_out"},
    Row{Errc::workflow_conflict, 409, 20011, "workflow_conflict"},
    Row{Errc::clock_unconfirmed, 503, 20012, "clock_unconfirmed"},
    Row{Errc::cancelled, 503, 20013, "cancelled"},
};

std::string header(const Response& response, std::string_view name) {
  const std::string* value = find_header(response.headers, name);
  return value == nullptr ? "" : *value;
}

TEST(Failure, HasARowForEveryError) {
  std::size_t known = 0;
  for (int code = 0; code < 30'000; ++code) {
    if (to_string(static_cast<Errc>(code)) != "unknown") ++known;
  }
  EXPECT_EQ(known, rows.size());
}

TEST(Failure, EachErrorHasItsStatusItsCodeAndItsName) {
  for (const Row& row : rows) {
    const Response response = failure_of(Error{row.error, "the detail"}, "fault 1");
    EXPECT_EQ(response.status, row.status) << row.name;
    const nlohmann::json envelope = nlohmann::json::parse(response.body);
    const nlohmann::json& error = envelope.at("errors").at(0);
    EXPECT_EQ(error.at("code"), row.code) << row.name;
    EXPECT_THAT(error.at("message").get<std::string>(),
                HasSubstr("workflows.api.error." + std::string{row.name} + ": "));
  }
}

TEST(Failure, AnErrorThatNobodyKnowsIsAFaultOfTheServer) {
  const auto unknown = static_cast<Errc>(12'345);
  EXPECT_EQ(status_of(unknown), 500);
  EXPECT_TRUE(is_internal(unknown));
  EXPECT_THAT(failure_of(Error{unknown, "/secret/path"}, "fault 7").body, Not(HasSubstr("secret")));
}

TEST(Failure, OnlyWhatIsWorthItIsTriedAgainByClients) {
  for (const Row& row : rows) {
    const Response response = failure_of(Error{row.error, "the detail"}, "fault 1");
    EXPECT_EQ(header(response, "x-should-retry"), row.status == 409 || row.status == 500 ? "false" : "")
        << row.name;
    EXPECT_EQ(header(response, "Retry-After"), row.status == 503 ? "1" : "") << row.name;
  }
}

TEST(Failure, TellsTheCallerWhatIsHisAndOnlyAReferenceToWhatIsInternal) {
  for (const Row& row : rows) {
    const Response response = failure_of(Error{row.error, "/secret/path"}, "fault 7");
    if (is_internal(row.error)) {
      EXPECT_THAT(response.body, Not(HasSubstr("secret"))) << row.name;
      EXPECT_THAT(response.body, HasSubstr("fault 7")) << row.name;
    } else {
      EXPECT_THAT(response.body, HasSubstr("/secret/path")) << row.name;
    }
  }
  for (const Errc code : {Errc::internal, Errc::store_failed, Errc::file_is_owned, Errc::not_a_cairn_file}) {
    EXPECT_TRUE(is_internal(code)) << to_string(code);
  }
}

TEST(Failure, EachStatusHasAReasonInTheHead) {
  for (const Row& row : rows) {
    const std::string line = response_head({.status = row.status}, true, {});
    EXPECT_GT(line.find('\r'), std::string{"HTTP/1.1 500 "}.size()) << line;
  }
}

TEST(Failure, FaultsOfHttpHaveCodesMadeOfTheirStatus) {
  const Response response = refusal(421, "host", "wrong host");
  EXPECT_EQ(response.status, 421);
  EXPECT_EQ(response.body,
            R"({"success":false,"errors":[{"code":20421,"message":"workflows.api.error.host: wrong host"}],)"
            R"("messages":[],"result":null})");
}

}  // namespace
}  // namespace cairn::api
