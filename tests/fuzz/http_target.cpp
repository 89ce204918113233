// A connection without its socket: bytes go through the reader, the checks of the head, and the handlers over
// a store in memory, as `api/connections/session.cpp` leads them, up to the bytes of the answers.

#include "api/connections/request_reader.hpp"
#include "api/connections/response_head.hpp"
#include "api/handlers/application.hpp"
#include "tests/api/standing_clock.hpp"
#include "tests/fuzz/targets.hpp"

#include <cairn/cairn.hpp>
#include <cairn/http.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cairn::fuzz {

struct Payment {
  std::string card;
  int cents = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Payment, card, cents)

namespace {

Task<json> return_params(Context& /*context*/, json params) {
  co_return params;
}

Task<void> pay(Context& /*context*/, Payment /*payment*/) {
  co_return;
}

EngineOptions engine_options() {
  EngineOptions options;
  options.clock = std::make_shared<tests::StandingClock>();
  options.random = std::make_shared<tests::CountingRandom>();
  return options;
}

// Small, so that short inputs reach every limit.
HttpOptions http_options() {
  HttpOptions options;
  options.target_bytes = 200;
  options.header_bytes = 1'024;
  options.header_fields = 8;
  options.body_bytes = 300;
  options.batch_bytes = 600;
  options.batch_entries = 4;
  options.page_entries = 3;
  return options;
}

// An engine that is not started does its work on the thread that calls.
class Connection {
 public:
  Connection() {
    auto anything = engine_.define("anything", return_params);
    engine_.define("payments", pay);
    anything.create({.id = "queued", .params = json::array({1, "x"})});
    anything.create({.id = "ended", .params = {}});
    anything.get("ended").terminate();
  }

  // What is answered to bytes that come in pieces of that size.
  std::string answers_to(std::string_view bytes, std::size_t piece) {
    for (; !bytes.empty() && is_open_; bytes.remove_prefix(std::min(piece, bytes.size())))
      take(bytes.substr(0, piece));
    return std::move(answers_);
  }

 private:
  void take(std::string_view bytes) {
    while (is_open_) {
      switch (reader_.read(bytes)) {
        case api::RequestReader::Progress::more:
          hold(bytes.empty(), "more is wanted than was taken");
          return;
        case api::RequestReader::Progress::head:
          on_head();
          break;
        case api::RequestReader::Progress::complete:
          carry_out({call_, reader_.take_body()});
          break;
        case api::RequestReader::Progress::failed:
          hold(reader_.failure().close, "a connection goes on behind a request without an end");
          answer(reader_.failure());
          break;
      }
    }
  }

  void on_head() {
    std::variant<api::Call, api::Response> admitted = application_.admit(reader_.head());
    if (const auto* refused = std::get_if<api::Response>(&admitted)) {
      hold(refused->close || reader_.head().body_bytes == 0U, "a body is left unread");
      return answer(*refused);
    }
    call_ = std::get<api::Call>(std::move(admitted));
    reader_.limit_body(call_.body_bytes_max);
  }

  void carry_out(api::Request request) { answer(application_.carry_out(request)); }

  void answer(const api::Response& response) {
    is_open_ = !response.close && reader_.framing().keep_alive;
    check(response);
    const std::string head = api::response_head(response, is_open_, {});
    const auto lines = static_cast<std::size_t>(std::ranges::count(head, '\n'));
    hold(lines == 5 + response.headers.size() - (response.status == 204 ? 1 : 0),
         "a field of the answer has lines: " + head);
    // Of several faults of what is no HTTP, pieces may show another one first.
    constexpr std::string_view is_no_http = R"("code":20400)";
    if (response.status == 400 && response.body.find(is_no_http) != std::string::npos) {
      answers_ += "400, no HTTP\n";
    } else {
      answers_ += head;
      if (!response.without_body) answers_ += response.body;
    }
    reader_ = api::RequestReader{options_};
  }

  // Nothing that a client sends is the server's fault.
  static void check(const api::Response& response) {
    const std::vector<int> expected{200, 204, 400, 403, 404, 405, 409, 413,
                                    414, 415, 417, 421, 431, 501, 505};
    hold(std::ranges::find(expected, response.status) != expected.end(),
         "the status " + std::to_string(response.status) + ": " + response.body);
    if (response.status == 204) return;
    const json envelope = json::parse(response.body);
    hold(envelope.at("success") == (response.status == 200), "success is not success: " + response.body);
    hold(envelope.at("errors").empty() == (response.status == 200), "an error without errors");
  }

  Engine engine_{open_memory(), engine_options()};
  HttpOptions options_ = http_options();
  api::Application application_{engine_, options_};
  api::RequestReader reader_{options_};
  api::Call call_;
  std::string answers_;
  bool is_open_ = true;
};

}  // namespace

void http(Bytes bytes) {
  const std::string_view text = text_of(bytes);
  const std::string whole = Connection{}.answers_to(text, std::max(text.size(), std::size_t{1}));
  for (const std::size_t piece : {std::size_t{1}, 2 + text.size() % 6}) {
    const std::string in_pieces = Connection{}.answers_to(text, piece);
    hold(in_pieces == whole, "other answers to pieces of " + std::to_string(piece) + " bytes:\n" + in_pieces +
                                 "\ninstead of\n" + whole);
  }
}

}  // namespace cairn::fuzz
