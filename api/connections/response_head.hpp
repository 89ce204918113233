#pragma once

#include "api/requests/message.hpp"

#include <chrono>
#include <string>

namespace cairn::api {

/// The text before a response's body, up to the empty line. `keep_alive` is what becomes of the connection.
std::string response_head(const Response& response, bool keep_alive, std::chrono::sys_seconds date);

/// As RFC 9110 wants it, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
std::string http_date(std::chrono::sys_seconds date);

}  // namespace cairn::api
