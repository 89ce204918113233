#pragma once

#include "api/requests/message.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

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

/// Makes of the version in a head, where that is a later minor one of HTTP/1, the one that Beast knows: what
/// is known of it means the same (RFC 9110, 2.5).
void read_as_http_1_1(std::string& head) noexcept;

/// Whether a line that does not end with CR LF shows from there on: an LF without its CR, or what follows a
/// CR alone.
bool has_bare_line_end(std::string_view text, std::size_t from) noexcept;
/// The same of what stands around chunks: `text` begins with the line of a chunk's size, or with the line end
/// behind the data of the chunk before. Behind the size of a chunk comes data, which is not looked into;
/// behind the last one the trailer.
bool has_bare_line_end_around_chunk(std::string_view text) noexcept;
Response bare_line_end();

/// A failure after which the connection is closed, because it is not known where the next request begins.
Response framing_failure(int status, std::string_view detail);

}  // namespace cairn::api
