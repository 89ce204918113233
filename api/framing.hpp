#pragma once

#include "api/message.hpp"

#include <optional>

namespace cairn::api {

/// How a request says where it ends, and what becomes of its connection.
struct Framing {
  bool http_1_0 = false;
  bool keep_alive = true;
  bool expects_continue = false;
};

/// Checks what Beast's parser lets pass: everything by which two readers could come to different opinions of
/// where a request ends or whom it is for. Fills `framing` and the head's `body_bytes`; what it answers is
/// final, and the connection is closed after it.
std::optional<Response> check_framing(RequestHead& head, Framing& framing);

/// A failure after which the connection is closed, because it is not known where the next request begins.
Response framing_failure(int status, std::string_view detail);

}  // namespace cairn::api
