#include "tests/api/api_fixture.hpp"

#include <utility>

namespace cairn::tests {
namespace {

Task<json> return_params(Context& /*context*/, json params) {
  co_return params;
}

Task<void> pay(Context& /*context*/, Payment /*payment*/) {
  co_return;
}

Task<std::string> approve(Context& context) {
  const int draft = co_await context.step("draft", [] { return 7; });
  const Event event = co_await context.wait_for_event("approval", {.type = "approved"});
  co_return std::to_string(draft) + " approved by " + event.payload.at("by").get<std::string>();
}

EngineOptions engine_options(std::shared_ptr<Clock> clock) {
  EngineOptions options;
  options.workers = 2;
  options.clock = std::move(clock);
  options.random = std::make_shared<CountingRandom>();
  return options;
}

}  // namespace

ApiFixture::ApiFixture(std::unique_ptr<Store> store, HttpOptions with)
    : options(std::move(with)),
      engine(std::move(store), engine_options(clock)),
      anything(engine.define("anything", return_params)),
      payments(engine.define("payments", pay)),
      approvals(engine.define("approvals", approve)),
      application(engine, options) {
  options.log = [this](LogLevel, std::string_view line) {
    const std::lock_guard lock{log_mutex_};
    log.append(line).append("\n");
  };
}

api::Response ApiFixture::ask(std::string method, std::string_view path, std::string_view body,
                              api::Headers headers) {
  headers.push_back({"Host", "localhost:8787"});
  return answer(application,
                {.method = std::move(method),
                 .target = "/client/v4/accounts/acc" + std::string{path},
                 .headers = std::move(headers),
                 .body_bytes = body.size()},
                body);
}

json ApiFixture::ask_json(int status, std::string method, std::string_view path, std::string_view body) {
  const api::Response response = ask(std::move(method), path, body);
  EXPECT_EQ(response.status, status) << response.body;
  return json::parse(response.body);
}

std::pair<int, std::string> ApiFixture::ask_refused(int status, std::string method, std::string_view path,
                                                    std::string_view body) {
  const json envelope = ask_json(status, std::move(method), path, body);
  EXPECT_EQ(envelope.at("success"), false);
  EXPECT_EQ(envelope.at("result"), nullptr);
  EXPECT_EQ(envelope.at("errors").size(), 1U);
  const json& error = envelope.at("errors").at(0);
  return {error.at("code").get<int>(), error.at("message").get<std::string>()};
}

api::Response answer(api::Application& application, api::RequestHead head, std::string_view body) {
  std::variant<api::Call, api::Response> admitted = application.admit(head);
  if (auto* refused = std::get_if<api::Response>(&admitted)) return std::move(*refused);
  api::Request request{std::get<api::Call>(std::move(admitted)), std::string{body},
                       api::Share{application.account()}};
  request.share.settle(body.size());
  return application.carry_out(request);
}

std::string header(const api::Response& response, std::string_view name) {
  const std::string* value = api::find_header(response.headers, name);
  return value == nullptr ? std::string{} : *value;
}

}  // namespace cairn::tests
