#pragma once

#include "api/connections/framing.hpp"
#include "api/requests/message.hpp"

#include <cairn/http.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace cairn::api {

/// Reads one request from bytes as they come; knows no socket. What it holds is bounded by the options and by
/// `limit_body`.
class RequestReader {
 public:
  enum class Progress {
    more,      ///< all bytes were taken; more are needed
    head,      ///< the head is complete; the body, if any, comes next
    complete,  ///< the request is complete; what is left of the bytes belongs to the next one
    failed,    ///< `failure` says what to answer; nothing more can be read from this connection
  };

  /// The options must outlive it.
  explicit RequestReader(const HttpOptions& options);
  explicit RequestReader(HttpOptions&&) = delete;
  ~RequestReader();
  RequestReader(RequestReader&&) noexcept;
  RequestReader& operator=(RequestReader&&) noexcept;

  /// Takes bytes from the front of `bytes` up to the next event. To be called again, also without bytes,
  /// after `head`.
  Progress read(std::string_view& bytes);

  /// Whether anything of the request has come. Empty lines in front of it are nothing.
  [[nodiscard]] bool has_begun() const noexcept;
  /// Of a request for the head alone the method is known as soon as it has come, whatever comes behind it.
  [[nodiscard]] const RequestHead& head() const noexcept;
  [[nodiscard]] const Framing& framing() const noexcept;
  /// A longer body fails with 413. To be called between `head` and the next `read`.
  void limit_body(std::size_t bytes_max) noexcept;
  /// Bytes of the body that have come.
  [[nodiscard]] std::size_t body_bytes() const noexcept;
  /// Memory that the body takes, with what is held back of it.
  [[nodiscard]] std::size_t held_bytes() const noexcept;
  [[nodiscard]] std::string take_body() noexcept;
  [[nodiscard]] const Response& failure() const noexcept;

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace cairn::api
