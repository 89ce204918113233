#include "api/requests/admission.hpp"

#include "api/requests/envelope.hpp"
#include "api/requests/failure.hpp"
#include "api/requests/text.hpp"

#include <cairn/detail/counted.hpp>

#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

namespace cairn::api {
namespace {

bool is_number(std::string_view text, unsigned max) noexcept {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value <= max;
}

bool is_loopback_ipv4(std::string_view text) noexcept {
  for (int octet = 0; octet < 4; ++octet) {
    const std::size_t dot = octet < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos || dot > 3) return false;
    const std::string_view digits = text.substr(0, dot);
    if (octet == 0 ? digits != "127" : !is_number(digits, 255)) return false;
    text.remove_prefix(octet < 3 ? dot + 1 : dot);
  }
  return true;
}

Response close_after(Response response) {
  response.close = true;
  return response;
}

// A page of another site that a browser shows here could otherwise send commands to a server that asks for no
// token: through DNS rebinding (the browser then names the foreign host), or by a form or a `no-cors` fetch
// (the browser then says where it comes from).
//
// The host of a target in the absolute form counts, and not that of the header (RFC 9112, 3.2.2).
std::optional<Response> check_source(const RequestHead& head, const std::optional<std::string>& target_host) {
  const std::string* host = target_host ? &*target_host : find_header(head.headers, "Host");
  if (host != nullptr && !is_local_host(*host)) {
    return refusal(421, "host", "the host must be localhost, 127.0.0.1 or [::1], with any port");
  }
  if (const std::string* origin = find_header(head.headers, "Origin")) {
    if (host == nullptr || !equal_ignoring_case(*origin, "http://" + *host)) {
      return refusal(403, "origin", "the request comes from a page of another origin");
    }
  }
  if (const std::string* site = find_header(head.headers, "Sec-Fetch-Site")) {
    if (*site != "same-origin" && *site != "none") {
      return refusal(403, "origin", "the request comes from a page of another site");
    }
  }
  return std::nullopt;
}

Response method_not_allowed(std::string_view method, std::string_view allowed) {
  std::string shown{method.substr(0, 20)};
  Response response = failure(
      405, code_no_method,
      "Method " + shown + " not available for that URI; " + "available are " + std::string{allowed} + ".");
  response.headers.push_back({"Allow", std::string{allowed}});
  return response;
}

// By the letter a method that the server does not have is another matter than one that a route does not have.
Response method_not_implemented(std::string_view method) {
  Response response = refusal(
      501, "method",
      "the method " + excerpt(method) + " is not implemented; available are " + std::string{all_methods});
  response.headers.push_back({"Allow", std::string{all_methods}});
  return response;
}

Response no_content(std::string_view allowed) {
  Response response{.status = 204};
  response.headers.push_back({"Allow", std::string{allowed}});
  return response;
}

std::string_view media_type(std::string_view content_type) noexcept {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
  return type;
}

// Says also what would be accepted.
Response unsupported(std::string_view name, std::string_view detail) {
  Response response = refusal(415, name, detail);
  response.headers.push_back({"Accept", "application/json"});
  return response;
}

// Bodies are JSON. What an HTML form can send without asking is taken only beside an `Authorization` header,
// which no form and no `no-cors` fetch can send: so `curl -d` with a token works without a Content-Type, and
// a foreign page does not.
std::optional<Response> check_type(const RequestHead& head) {
  if (find_header(head.headers, "Content-Encoding") != nullptr) {
    Response refused = unsupported("content_encoding", "the body must not be compressed");
    refused.headers.push_back({"Accept-Encoding", "identity"});
    return refused;
  }
  const std::string* content_type = find_header(head.headers, "Content-Type");
  if (content_type == nullptr) return std::nullopt;
  const std::string_view type = media_type(*content_type);
  if (equal_ignoring_case(type, "application/json")) return std::nullopt;
  const bool from_a_form = equal_ignoring_case(type, "application/x-www-form-urlencoded") ||
                           equal_ignoring_case(type, "text/plain");
  if (from_a_form && find_header(head.headers, "Authorization") != nullptr) return std::nullopt;
  return unsupported("content_type", "the Content-Type must be application/json");
}

std::optional<Response> check_body(const RequestHead& head, std::size_t bytes_max) {
  if (head.body_bytes == 0U) return std::nullopt;
  if (std::optional<Response> refused = check_type(head)) return refused;
  if (head.body_bytes && *head.body_bytes > bytes_max) {
    return failure_of(
        Error{Errc::too_large, "the body must not be longer than " + detail::counted(bytes_max, "byte") +
                                   ", is " + std::to_string(*head.body_bytes)},
        {});
  }
  return std::nullopt;
}

std::optional<Match> find_route(std::string_view target, std::vector<Parameter>& query) {
  Target parsed = parse_target(target);
  query = std::move(parsed.query);
  return match(std::move(parsed));
}

std::variant<Call, Response> admit_source(const RequestHead& head, std::string_view target,
                                          const HttpOptions& options) {
  if (!is_known_method(head.method)) return method_not_implemented(head.method);
  if (head.method == "OPTIONS" && target == "*") return no_content(all_methods);
  std::vector<Parameter> query;
  std::optional<Match> where = find_route(target, query);
  if (!where) return failure(404, code_no_route, "workflows.api.error.not_found: there is no such route");
  const std::string_view allowed = allowed_methods(where->route);
  if (head.method == "OPTIONS") return no_content(allowed);
  if (!allows(where->route, head.method)) return method_not_allowed(head.method, allowed);
  const std::size_t bytes_max = where->route == Route::batch ? options.batch_bytes : options.body_bytes;
  if (std::optional<Response> refused = check_body(head, bytes_max)) return *std::move(refused);
  return Call{.where = *std::move(where),
              .post = head.method == "POST",
              .head = head.method == "HEAD",
              .query = std::move(query),
              .body_bytes_max = bytes_max};
}

std::variant<Call, Response> decide(const RequestHead& head, const HttpOptions& options) {
  const SplitTarget target = split_target(head.target);
  if (std::optional<Response> refused = check_source(head, target.host)) return *std::move(refused);
  try {
    return admit_source(head, target.path, options);
  } catch (const Error& error) {
    return failure_of(error, {});
  }
}

}  // namespace

bool is_local_host(std::string_view host) noexcept {
  const std::size_t colon = host.starts_with('[') ? host.find(':', host.find(']')) : host.find(':');
  if (colon != std::string_view::npos && !is_number(host.substr(colon + 1), 65'535)) return false;
  const std::string_view name = host.substr(0, colon);
  return equal_ignoring_case(name, "localhost") || name == "[::1]" || is_loopback_ipv4(name);
}

std::variant<Call, Response> admit(const RequestHead& head, const HttpOptions& options) {
  std::variant<Call, Response> decided = decide(head, options);
  if (auto* response = std::get_if<Response>(&decided)) {
    response->without_body = head.method == "HEAD";
    // The body that follows is not read.
    if (head.body_bytes != 0U) return close_after(std::move(*response));
  }
  return decided;
}

}  // namespace cairn::api
