#pragma once

#include "api/requests/message.hpp"

#include <cairn/error.hpp>

#include <string>
#include <string_view>

namespace cairn::api {

/// Codes of the error envelope that are not an `Errc`.
inline constexpr int code_no_method = 7001;  ///< as at Cloudflare: the path exists, but not for this method
inline constexpr int code_no_route = 7003;   ///< as at Cloudflare: no such path

/// The code of a fault of HTTP itself that has no code of its own: 20000 and the status, such as 20421.
constexpr int code_of_status(int status) noexcept {
  return 20'000 + status;
}

/// A failure whose message is `workflows.api.error.<name>: <detail>`, with the code of its status.
Response refusal(int status, std::string_view name, std::string_view detail);

/// What is not to be had for now: 503, and when to come again.
Response busy(std::string_view detail);
inline constexpr std::string_view memory_is_taken =
    "other requests and their answers take all the memory that they may (bytes_in_flight)";

/// The HTTP status that an error is answered with.
int status_of(Errc code) noexcept;

/// The name behind `workflows.api.error.` that Cloudflare gives to the error, or our own.
std::string_view wire_name(Errc code) noexcept;

/// Whether the message of such an error may tell of files, SQL or the program, and is for the log only.
bool is_internal(Errc code) noexcept;

/// The answer to an error. The details of internal ones are replaced by `reference`, under which the log has
/// them.
Response failure_of(const Error& error, std::string_view reference);

/// The answer when there is no memory for a better one; needs none. What was asked may have been done or not.
Response lack_of_memory() noexcept;

}  // namespace cairn::api
