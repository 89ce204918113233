#pragma once

#include <cairn/engine.hpp>
#include <cairn/log.hpp>
#include <cairn/time.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace cairn {

/// How an `HttpServer` listens, and what one client may ask of it. Checked once, by the constructor.
struct HttpOptions {
  std::string address = "127.0.0.1";  ///< a loopback address: one of 127.0.0.0/8, or `::1`
  std::uint16_t port = 8787;          ///< 0: any that is free; `HttpServer::port` tells which

  // Work
  std::size_t handlers = 8;    ///< threads that carry out requests and wait for commits; 1 to 256
  std::size_t requests = 256;  ///< requests that are carried out or wait for a handler; further ones get 503
  std::size_t connections = 1'024;  ///< open connections; further ones get 503 and are closed

  // Size of one request; above it 413, 414 or 431
  std::size_t target_bytes = std::size_t{4} << 10;  ///< path and query
  std::size_t header_bytes = std::size_t{8} << 10;  ///< request line and fields together; 1 KiB to 64 KiB
  std::size_t header_fields = 64;                   ///< number of fields
  std::size_t body_bytes = std::size_t{2} << 20;    ///< body of any request but a batch
  std::size_t batch_bytes = std::size_t{16} << 20;  ///< body of a batch
  std::size_t batch_entries = 10'000;   ///< instances in a batch; `Limits::batch_entries` counts as well
  std::size_t body_values = 2'000'000;  ///< JSON values in a body, of any kind and at any depth
  std::size_t page_entries = 100;       ///< the largest `per_page`; 1 to 1,000

  /// Memory of all requests and answers together; what finds no room gets 503 with `Retry-After`. Counted are
  /// bodies while they come, what is made of them, records that are read, and answers until they are sent;
  /// not counted are the first 16 KiB of each, which `connections` bounds. At least 1 MiB, and four times
  /// `body_bytes` and `batch_bytes`.
  std::size_t bytes_in_flight = std::size_t{256} << 20;

  // Time; what takes longer is answered with 408 or 504 where that is possible, and its connection closed
  /// From the first byte of a request to the end of its fields. A new connection has as long for its first
  /// byte, and is closed without an answer when none comes.
  Duration header_timeout = std::chrono::seconds{10};
  Duration body_timeout = std::chrono::seconds{30};     ///< for the body, see `write_timeout`
  Duration handler_timeout = std::chrono::seconds{30};  ///< until the answer is there
  /// For the answer: one second more for each 64 KiB that the client has taken, and never longer than this
  /// while it takes nothing.
  Duration write_timeout = std::chrono::seconds{30};
  Duration idle_timeout = std::chrono::seconds{60};  ///< between two requests of a connection
  Duration stop_timeout = std::chrono::seconds{5};   ///< how long `stop` lets requests finish
  std::size_t requests_per_connection = 1'000;       ///< then the connection is closed

  LogSink log = {};  ///< empty: silent
};

/// Serves an engine over HTTP: the REST API of Cloudflare's Workflows, as far as `docs/http.md` lists it.
///
/// Only loopback addresses may be bound, because requests are not authenticated: a bearer token is accepted
/// and ignored. Thread-safe. The engine must outlive the server. It may be started before or after the
/// server; once it has been stopped, requests that would change something are answered with 503. In a child
/// of `fork`, which has none of its threads, its end leaves everything as it is; the child holds the port
/// open until it ends, or calls `exec`.
class HttpServer {
 public:
  /// Opens nothing yet. Throws `Error` (`invalid_argument`) when an option is out of its range, or `address`
  /// is not a loopback address.
  explicit HttpServer(Engine& engine, HttpOptions options = {});
  /// As `stop`.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Binds the port and begins to serve, on threads of its own; nothing happens when it serves already. Works
  /// again after `stop`. Throws `Error` (`invalid_argument`) when the port is taken or may not be bound, with
  /// the system's reason.
  void start();

  /// The port that is bound; before `start` and after `stop` the one that the options name. Waits for nobody.
  [[nodiscard]] std::uint16_t port() const;

  /// Accepts no more connections, lets requests that have begun finish for `HttpOptions::stop_timeout`, then
  /// closes all connections, and returns when every handler has returned: a request that waits for a commit
  /// waits for it to the end. Nothing happens when it does not serve. Must not be called by what it waits
  /// for: a log sink, or a codec in a request.
  void stop();

 private:
  class Implementation;
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace cairn
