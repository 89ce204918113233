#include "api/connections/framing.hpp"

#include "api/requests/failure.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace cairn::api {
namespace {

std::size_t count_of(const Headers& headers, std::string_view name) noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(
      headers, [&](const Header& header) { return equal_ignoring_case(header.name, name); }));
}

bool has_token(const Headers& headers, std::string_view name, std::string_view token) noexcept {
  constexpr std::string_view blanks = " \t";
  for (const Header& header : headers) {
    if (!equal_ignoring_case(header.name, name)) continue;
    for (std::string_view rest = header.value; !rest.empty();) {
      std::string_view part = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), part.size() + 1));
      const std::size_t first = part.find_first_not_of(blanks);
      if (first == std::string_view::npos) continue;
      part = part.substr(first, part.find_last_not_of(blanks) + 1 - first);
      if (equal_ignoring_case(part, token)) return true;
    }
  }
  return false;
}

// Fields of one value, by which it is decided what a request may do: of two, others might read the other one.
constexpr std::array<std::string_view, 5> single_fields{"Host", "Origin", "Content-Type", "Authorization",
                                                        "Sec-Fetch-Site"};

std::optional<Response> check_single_fields(const Headers& headers) {
  for (const std::string_view name : single_fields) {
    if (count_of(headers, name) > 1)
      return framing_failure(400, std::string{name} + " must not stand there twice");
  }
  return std::nullopt;
}

std::optional<Response> check_length(RequestHead& head, bool http_1_0) {
  const std::size_t encodings = count_of(head.headers, "Transfer-Encoding");
  const std::size_t lengths = count_of(head.headers, "Content-Length");
  if (encodings > 0) {
    if (http_1_0) return framing_failure(400, "HTTP/1.0 has no Transfer-Encoding");
    if (lengths > 0) return framing_failure(400, "Content-Length and Transfer-Encoding exclude each other");
    if (encodings > 1) return framing_failure(400, "Transfer-Encoding must not stand there twice");
    if (!equal_ignoring_case(*find_header(head.headers, "Transfer-Encoding"), "chunked")) {
      return framing_failure(501, "the Transfer-Encoding must be chunked");
    }
    head.body_bytes = std::nullopt;
    return std::nullopt;
  }
  if (lengths > 1) return framing_failure(400, "Content-Length must not stand there twice");
  head.body_bytes = 0;
  if (lengths == 0) return std::nullopt;
  const std::string& digits = *find_header(head.headers, "Content-Length");
  std::uint64_t bytes = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bytes);
  if (error != std::errc{} || end != digits.data() + digits.size()) {
    return framing_failure(400, "Content-Length must be one number");
  }
  head.body_bytes = bytes;
  return std::nullopt;
}

}  // namespace

std::optional<Response> check_framing(RequestHead& head, Framing& framing) {
  if (std::optional<Response> refused = check_single_fields(head.headers)) return refused;
  if (find_header(head.headers, "Host") == nullptr && !framing.http_1_0)
    return framing_failure(400, "Host is required");
  if (std::optional<Response> refused = check_length(head, framing.http_1_0)) return refused;
  framing.keep_alive = framing.http_1_0 ? has_token(head.headers, "Connection", "keep-alive")
                                        : !has_token(head.headers, "Connection", "close");
  const std::string* expected = find_header(head.headers, "Expect");
  if (expected != nullptr && !framing.http_1_0) {
    if (!equal_ignoring_case(*expected, "100-continue"))
      return framing_failure(417, "Expect must be 100-continue");
    framing.expects_continue = true;
  }
  return std::nullopt;
}

void read_as_http_1_1(std::string& head) noexcept {
  constexpr std::string_view version = " HTTP/1.";
  const std::string_view line = std::string_view{head}.substr(0, head.find('\r'));
  if (line.size() <= version.size() || !line.substr(0, line.size() - 1).ends_with(version)) return;
  if (line.back() >= '2' && line.back() <= '9') head[line.size() - 1] = '1';
}

bool has_bare_line_end(std::string_view text, std::size_t from) noexcept {
  for (std::size_t at = from; at < text.size(); ++at) {
    const bool behind_cr = at > 0 && text[at - 1] == '\r';
    if (behind_cr != (text[at] == '\n')) return true;
  }
  return false;
}

bool has_bare_line_end_around_chunk(std::string_view text) noexcept {
  constexpr std::string_view line_end = "\r\n";
  if (text.starts_with(line_end)) text.remove_prefix(line_end.size());
  const bool is_last = text.starts_with('0') && text.find_first_not_of('0') == text.find_first_of(";\r\n");
  if (is_last) return has_bare_line_end(text.substr(0, text.find("\r\n\r\n")), 0);
  const std::size_t end = text.find_first_of(line_end);
  return end != std::string_view::npos && has_bare_line_end(text.substr(0, end + line_end.size()), 0);
}

Response bare_line_end() {
  return framing_failure(400, "a line must end with CR LF");
}

Response framing_failure(int status, std::string_view detail) {
  Response response = refusal(status, "http", detail);
  response.close = true;
  return response;
}

}  // namespace cairn::api
