#include "api/framing.hpp"

#include "api/failure.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
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
  const std::size_t hosts = count_of(head.headers, "Host");
  if (hosts > 1) return framing_failure(400, "Host must not stand there twice");
  if (hosts == 0 && !framing.http_1_0) return framing_failure(400, "Host is required");
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

Response framing_failure(int status, std::string_view detail) {
  Response response = refusal(status, "http", detail);
  response.close = true;
  return response;
}

}  // namespace cairn::api
