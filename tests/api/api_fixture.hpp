#pragma once

#include "api/handlers/application.hpp"
#include "tests/api/standing_clock.hpp"

#include <cairn/cairn.hpp>
#include <cairn/http.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>

namespace cairn::tests {

struct Payment {
  std::string card;
  int cents = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Payment, card, cents)

/// An engine on a store in memory, with the workflows `anything` (takes any JSON), `payments` (takes a
/// `Payment`, ends at once) and `approvals` (a step, then waits for `approved`); and the application in front
/// of it, without sockets. The engine is not started: instances stay `queued`.
class ApiFixture : public ::testing::Test {
 public:
  explicit ApiFixture(std::unique_ptr<Store> store = open_memory(), HttpOptions options = {});

  /// The answer to a request on `/client/v4/accounts/acc` + path.
  api::Response ask(std::string method, std::string_view path, std::string_view body = {},
                    api::Headers headers = {});
  /// The same, with the status checked and the body read.
  json ask_json(int status, std::string method, std::string_view path, std::string_view body = {});
  /// The code and the message of the only error of a failure.
  std::pair<int, std::string> ask_refused(int status, std::string method, std::string_view path,
                                          std::string_view body = {});

  static constexpr std::string_view workflow_id_of_anything = "00000000-0000-4000-8000-000000000001";
  static constexpr std::string_view version_id_of_anything = "00000000-0000-4000-8000-000000000002";

  std::shared_ptr<StandingClock> clock = std::make_shared<StandingClock>();
  std::string log;
  HttpOptions options;
  Engine engine;
  Workflow<json, json> anything;
  Workflow<Payment, void> payments;
  Workflow<void, std::string> approvals;
  api::Application application;

 private:
  std::mutex log_mutex_;
};

/// What the application answers to a request, however far it gets.
api::Response answer(api::Application& application, api::RequestHead head, std::string_view body);

/// The value of a header; empty when it is not there.
std::string header(const api::Response& response, std::string_view name);

}  // namespace cairn::tests
