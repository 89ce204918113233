#pragma once

#include "api/connections/request_reader.hpp"
#include "api/requests/failure.hpp"

#include <cairn/detail/counted.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>

namespace cairn::api {

namespace beast = boost::beast;
namespace http = boost::beast::http;

inline constexpr std::string_view end_of_head = "\r\n\r\n";
inline constexpr std::string_view begin_of_head_request = "HEAD ";
inline constexpr std::size_t reserve_max = std::size_t{64} << 10;  // a Content-Length alone does not take
                                                                   // more memory than this

// A body that is a last chunk alone is never shorter than this. Beast 1.81 asserts that, too early, when it
// is shown the beginning of it for the second time.
inline constexpr std::string_view last_chunk_line = "0\r\n";
inline constexpr std::size_t last_chunk_bytes = 5;

inline bool is_control(char c) noexcept {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
}

// Beast's parser as the grammar, with the fields collected as they stand, and the decisions taken here.
class RequestReader::Parser : public http::basic_parser<true> {
 public:
  explicit Parser(const HttpOptions& options) : options_(options) {
    header_limit(static_cast<std::uint32_t>(options.header_bytes));
    body_limit(boost::none);
    eager(true);
  }

  Progress read(std::string_view& bytes) {
    if (failed_) return Progress::failed;
    if (!has_head_) return read_head(bytes);
    if (!is_done() && head_.body_bytes) return read_sized(bytes);
    if (!is_done()) return read_chunked(bytes);
    return Progress::complete;
  }

  [[nodiscard]] bool has_begun() const noexcept {
    return has_head_ || failed_ || !(text_.empty() || text_ == "\r");
  }

  // The text of the head is not counted: it is short.
  [[nodiscard]] std::size_t held_bytes() const noexcept {
    return has_head_ ? body_.capacity() + text_.capacity() : 0;
  }

  RequestHead head_;
  Framing framing_;
  std::string body_;
  std::size_t body_bytes_max_ = 0;
  Response failure_;

 private:
  Progress fail(Response failure) {
    failure_ = std::move(failure);
    failed_ = true;
    return Progress::failed;
  }

  Progress fail(const beast::error_code& error) {
    if (failed_) return Progress::failed;
    if (error == http::error::bad_version)
      return fail(framing_failure(505, "the version must be HTTP/1.0 or HTTP/1.1"));
    return fail(framing_failure(400, error.message()));
  }

  // Gathers the head's text, checks what Beast would hide, then lets Beast read it at once.
  Progress read_head(std::string_view& bytes) {
    skip_empty_lines(bytes);
    const std::size_t before = text_.size();
    const std::size_t room = options_.header_bytes - before;
    const std::string_view added = bytes.substr(0, room);
    text_ += added;
    const std::size_t end = text_.find(end_of_head, before < 3 ? 0 : before - 3);
    if (end != std::string::npos) text_.resize(end + end_of_head.size());
    // Known before Beast has read the head, and also where it never does: what is answered has no body then.
    if (text_.starts_with(begin_of_head_request)) head_.method = "HEAD";
    if (std::optional<Response> refused = check_lines(before)) return fail(*std::move(refused));
    bytes.remove_prefix(text_.size() - before);
    if (end == std::string::npos) {
      if (text_.size() < options_.header_bytes) return Progress::more;
      const bool in_target = text_.find('\r') == std::string::npos;
      return fail(framing_failure(in_target ? 414 : 431, "the head must not be longer than " +
                                                             detail::counted(options_.header_bytes, "byte")));
    }
    return parse_head();
  }

  // A client may send empty lines too many behind a body (RFC 9112, 2.2). How many does not matter: until
  // something else comes, the connection is idle.
  void skip_empty_lines(std::string_view& bytes) {
    for (;;) {
      if (text_.empty() && bytes.starts_with("\r\n")) {
        bytes.remove_prefix(2);
      } else if (text_ == "\r" && bytes.starts_with('\n')) {
        text_.clear();
        bytes.remove_prefix(1);
      } else {
        return;
      }
    }
  }

  std::optional<Response> check_lines(std::size_t from) const {
    // The first fault counts, in however many pieces it comes.
    for (std::size_t i = from; i < text_.size(); ++i) {
      if (has_bare_line_end(std::string_view{text_}.substr(0, i + 1), i)) return bare_line_end();
      if (text_[i] == '\0') return framing_failure(400, "a NUL byte in the head");
      const bool begins_line = i >= 1 && text_[i - 1] == '\n';
      if (begins_line && (text_[i] == ' ' || text_[i] == '\t')) return folded();
    }
    return std::nullopt;
  }

  Progress parse_head() {
    read_as_http_1_1(text_);
    beast::error_code error;
    eager(false);
    for (std::size_t taken = 0; taken < text_.size() && !is_header_done() && !error;) {
      taken += put(boost::asio::buffer(text_.data() + taken, text_.size() - taken), error);
    }
    eager(true);
    if (error) return fail(error);
    if (head_.target.size() > options_.target_bytes) {
      return fail(framing_failure(414, "the request target must not be longer than " +
                                           detail::counted(options_.target_bytes, "byte")));
    }
    if (std::optional<Response> refused = check_framing(head_, framing_)) return fail(*std::move(refused));
    has_head_ = true;
    release(text_);
    body_.reserve(std::min<std::uint64_t>(head_.body_bytes.value_or(0), reserve_max));
    return Progress::head;
  }

  Progress read_sized(std::string_view& bytes) {
    if (*head_.body_bytes > body_bytes_max_) return fail(too_long());
    if (bytes.empty()) return Progress::more;
    beast::error_code error;
    bytes.remove_prefix(put(boost::asio::buffer(bytes.data(), bytes.size()), error));
    if (error) return fail(error);
    return is_done() ? Progress::complete : Progress::more;
  }

  // What Beast leaves of the bytes is the beginning of a chunk's head or of the trailer, and nothing of a
  // chunk's data; it is shown again with what follows.
  Progress read_chunked(std::string_view& bytes) {
    if (bytes.empty()) return Progress::more;
    const std::size_t held = text_.size();
    text_ += bytes;
    if (held > 0 && text_.size() < last_chunk_bytes && text_.starts_with(last_chunk_line)) {
      bytes = {};
      return hold_back();
    }
    beast::error_code error;
    const std::size_t taken = put(boost::asio::buffer(text_.data(), text_.size()), error);
    if (error && error != http::error::need_more) {
      // Beast calls a line with a bare end a bad extension, or a bad chunk.
      if (!failed_ && has_bare_line_end_around_chunk(std::string_view{text_}.substr(taken)))
        return fail(bare_line_end());
      return fail(error);
    }
    if (is_done()) {
      bytes.remove_prefix(taken - held);
      release(text_);
      return Progress::complete;
    }
    text_.erase(0, taken);
    bytes = {};
    return hold_back();
  }

  // The beginning of a chunk's head or of the trailer: all of it is of lines. Beast waits for them to end,
  // however long.
  Progress hold_back() {
    if (text_.size() > options_.header_bytes) return fail(too_much_around_chunks());
    if (has_bare_line_end(text_, 0)) return fail(bare_line_end());
    return Progress::more;
  }

  Response too_long() const {
    Response response = failure_of(Error{Errc::too_large, "the body must not be longer than " +
                                                              detail::counted(body_bytes_max_, "byte")},
                                   {});
    response.close = true;
    return response;
  }

  Response too_much_around_chunks() const {
    return framing_failure(431, "a chunk's extension or the trailer must not be longer than " +
                                    detail::counted(options_.header_bytes, "byte"));
  }

  static Response folded() { return framing_failure(400, "a field must not be folded over lines"); }

  // Beast puts the lines of a folded value together somewhere else.
  bool is_as_it_came(beast::string_view value) const {
    const std::less<> before;
    return value.empty() ||
           (!before(value.data(), text_.data()) && before(value.data(), text_.data() + text_.size()));
  }

  void stop_with(Response failure, beast::error_code& error) {
    fail(std::move(failure));
    error = http::error::body_limit;  // any will do: `failed_` is set
  }

  void on_request_impl(http::verb /*verb*/, beast::string_view method, beast::string_view target, int version,
                       beast::error_code& /*error*/) override {
    head_.method.assign(method.data(), method.size());
    head_.target.assign(target.data(), target.size());
    framing_.http_1_0 = version == 10;
  }

  void on_field_impl(http::field /*field*/, beast::string_view name, beast::string_view value,
                     beast::error_code& error) override {
    if (has_head_) {  // of the trailer: counted, and forgotten
      trailer_bytes_ += name.size() + value.size();
      if (trailer_bytes_ > options_.header_bytes) return stop_with(too_much_around_chunks(), error);
      if (!is_as_it_came(value)) stop_with(folded(), error);
      return;
    }
    if (head_.headers.size() == options_.header_fields) {
      return stop_with(framing_failure(431, "there must not be more than " +
                                                detail::counted(options_.header_fields, "field")),
                       error);
    }
    head_.headers.push_back({std::string{name.data(), name.size()}, std::string{value.data(), value.size()}});
  }

  void on_chunk_header_impl(std::uint64_t size, beast::string_view extensions,
                            beast::error_code& error) override {
    if (extensions.size() > options_.header_bytes) return stop_with(too_much_around_chunks(), error);
    // Beast takes any byte between quotes, where another reader may find the end of a line.
    if (has_bare_line_end({extensions.data(), extensions.size()}, 0))
      return stop_with(bare_line_end(), error);
    if (std::ranges::any_of(extensions, is_control)) {
      return stop_with(framing_failure(400, "a control character in a chunk's extension"), error);
    }
    if (size > body_bytes_max_ - std::min(body_.size(), body_bytes_max_)) stop_with(too_long(), error);
  }

  std::size_t on_body_impl(beast::string_view body, beast::error_code& /*error*/) override {
    body_.append(body.data(), body.size());
    return body.size();
  }

  std::size_t on_chunk_body_impl(std::uint64_t /*remain*/, beast::string_view body,
                                 beast::error_code& error) override {
    return on_body_impl(body, error);
  }

  void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}
  void on_header_impl(beast::error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, beast::error_code&) override {}
  void on_finish_impl(beast::error_code&) override {}

  const HttpOptions& options_;
  std::string text_;  // of the head until it is complete; then what is held back of a chunked body
  std::size_t trailer_bytes_ = 0;
  bool has_head_ = false;
  bool failed_ = false;
};

}  // namespace cairn::api
