#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::api {

/// Empties a text and gives its memory back, which an assignment does not.
inline void release(std::string& text) noexcept {
  std::string{}.swap(text);
}

struct Header {
  std::string name;
  std::string value;
};

using Headers = std::vector<Header>;

/// Whether two ASCII texts are equal when case is left aside.
bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept;

/// The value of the first header of that name; null when there is none.
const std::string* find_header(const Headers& headers, std::string_view name) noexcept;

/// A request before its body.
struct RequestHead {
  std::string method;
  std::string target;
  Headers headers;
  std::optional<std::uint64_t> body_bytes = 0;  ///< nothing: chunked, known only when it has come
};

struct Response {
  int status = 200;
  Headers headers = {};  ///< without those that belong to the connection
  std::string body = {};
  bool without_body = false;  ///< the answer to HEAD: says how long the body would be, and leaves it out
  bool close = false;         ///< what follows on the connection cannot be trusted, or is not wanted
};

}  // namespace cairn::api
