#pragma once

#include "api/requests/message.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The frame around every answer, as Cloudflare's API v4 has it.
namespace cairn::api {

/// An answer with JSON text and the headers that belong to it, without any frame.
Response json_response(int status, std::string body);

/// `result_info` of a list.
struct ResultInfo {
  std::size_t count = 0;  ///< entries in `result`
  std::size_t per_page = 0;
  std::size_t total_count = 0;
  std::optional<std::size_t> page = std::nullopt;
  std::string_view cursor = {};  ///< empty: left out
};

/// Writes the frame of a success around a result that the caller appends to `out()`.
class Envelope {
 public:
  /// `messages`: JSON text of an array.
  explicit Envelope(std::size_t result_bytes = 0, std::string_view messages = "[]");
  /// Where the JSON text of the result is appended.
  std::string& out() noexcept { return body_; }
  Response finish() &&;
  Response finish(const ResultInfo& info) &&;

 private:
  std::string body_;
};

/// Appends `{"code": …, "message": …}`.
void append_message(std::string& out, int code, std::string_view message);

/// A failure with one error. Unlike those of a success, its `messages` are plain strings.
Response failure(int status, int code, std::string_view message,
                 const std::vector<std::string>& messages = {});

}  // namespace cairn::api
