#include "api/requests/envelope.hpp"

#include "api/requests/text.hpp"

#include <utility>

namespace cairn::api {
namespace {

constexpr std::string_view success_head = R"({"success":true,"errors":[],"messages":)";

void append_count(std::string& out, std::string_view name, std::size_t count) {
  out += name;
  append_number(out, static_cast<std::int64_t>(count));
}

}  // namespace

Response json_response(int status, std::string body) {
  Response response{.status = status, .body = std::move(body)};
  response.headers.push_back({"Content-Type", "application/json"});
  response.headers.push_back({"Cache-Control", "no-store"});
  response.headers.push_back({"X-Content-Type-Options", "nosniff"});
  return response;
}

Envelope::Envelope(std::size_t result_bytes, std::string_view messages) {
  body_.reserve(success_head.size() + messages.size() + result_bytes + 256);
  body_ += success_head;
  body_ += messages;
  body_ += R"(,"result":)";
}

Response Envelope::finish() && {
  body_ += '}';
  return json_response(200, std::move(body_));
}

Response Envelope::finish(const ResultInfo& info) && {
  append_count(body_, R"(,"result_info":{"count":)", info.count);
  append_count(body_, R"(,"per_page":)", info.per_page);
  append_count(body_, R"(,"total_count":)", info.total_count);
  if (info.page) append_count(body_, R"(,"page":)", *info.page);
  if (!info.cursor.empty()) {
    body_ += R"(,"cursor":)";
    append_string(body_, info.cursor);
  }
  body_ += '}';
  return std::move(*this).finish();
}

void append_message(std::string& out, int code, std::string_view message) {
  out += R"({"code":)";
  append_number(out, code);
  out += R"(,"message":)";
  append_string(out, message);
  out += '}';
}

Response failure(int status, int code, std::string_view message, const std::vector<std::string>& messages) {
  std::string body = R"({"success":false,"errors":[)";
  append_message(body, code, message);
  body += R"(],"messages":[)";
  for (const std::string& line : messages) {
    if (&line != &messages.front()) body += ',';
    append_string(body, line);
  }
  body += R"(],"result":null})";
  return json_response(status, std::move(body));
}

}  // namespace cairn::api
