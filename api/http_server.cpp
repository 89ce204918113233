#include "api/connections/server.hpp"
#include "api/handlers/application.hpp"

#include <cairn/detail/caught.hpp>
#include <cairn/detail/own_process.hpp>
#include <cairn/error.hpp>
#include <cairn/http.hpp>

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace cairn {
namespace {

void check_range(const char* field, std::size_t value, std::size_t min, std::size_t max) {
  if (value >= min && value <= max) return;
  throw Error{Errc::invalid_argument, std::string{field} + ": must be from " + std::to_string(min) + " to " +
                                          std::to_string(max) + ", is " + std::to_string(value)};
}

void check_timeout(const char* field, Duration value) {
  if (value > Duration::zero() && value <= duration_max) return;
  throw Error{Errc::invalid_argument, std::string{field} + ": must be more than 0 and at most 3,650 days"};
}

void check_address(const std::string& text) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(text, error);
  if (error) throw Error{Errc::invalid_argument, "address: must be an IP address such as 127.0.0.1 or ::1"};
  if (address.is_loopback()) return;
  throw Error{Errc::invalid_argument,
              "address: must be a loopback address (127.0.0.0/8 or ::1). Any other can be reached from other "
              "machines, and "
              "needs tokens, which this version does not have yet"};
}

// So that a body which the other limits allow finds room at least when it comes alone: its memory grows in
// steps of twice as much, and some is read ahead.
void check_bytes_in_flight(const HttpOptions& options, std::size_t max) {
  constexpr std::size_t bodies = 4;
  const std::size_t min = std::max(std::size_t{1} << 20,
                                   bodies * std::max(options.body_bytes, options.batch_bytes));
  if (options.bytes_in_flight >= min && options.bytes_in_flight <= max) return;
  throw Error{Errc::invalid_argument,
              "bytes_in_flight: must be at least 1 MiB, and 4 times body_bytes and batch_bytes, here " +
                  std::to_string(min) + ", is " + std::to_string(options.bytes_in_flight)};
}

void check_options(const HttpOptions& options) {
  constexpr std::size_t bytes_max = std::size_t{1} << 40;
  constexpr std::size_t in_flight_max = std::size_t{1} << 44;
  constexpr std::size_t count_max = 1'000'000;
  check_address(options.address);
  check_range("handlers", options.handlers, 1, 256);
  check_range("requests", options.requests, 1, count_max);
  check_range("connections", options.connections, 1, count_max);
  check_range("target_bytes", options.target_bytes, 1, bytes_max);
  check_range("header_bytes", options.header_bytes, std::size_t{1} << 10, std::size_t{64} << 10);
  check_range("header_fields", options.header_fields, 1, count_max);
  check_range("body_bytes", options.body_bytes, 1, bytes_max);
  check_range("batch_bytes", options.batch_bytes, 1, bytes_max);
  check_range("batch_entries", options.batch_entries, 1, count_max);
  check_range("body_values", options.body_values, 1, bytes_max);
  check_range("page_entries", options.page_entries, 1, 1'000);
  check_bytes_in_flight(options, in_flight_max);
  check_range("requests_per_connection", options.requests_per_connection, 1, SIZE_MAX);
  check_timeout("header_timeout", options.header_timeout);
  check_timeout("body_timeout", options.body_timeout);
  check_timeout("handler_timeout", options.handler_timeout);
  check_timeout("write_timeout", options.write_timeout);
  check_timeout("idle_timeout", options.idle_timeout);
  check_timeout("stop_timeout", options.stop_timeout);
}

}  // namespace

class HttpServer::Implementation {
 public:
  Implementation(Engine& engine, HttpOptions options)
      : options_(std::move(options)), application_(engine, options_) {
    check_options(options_);
  }

  void start() {
    process_.require_here("start");
    const std::lock_guard lock{life_mutex_};
    if (server_) return;
    try {
      server_ = std::make_unique<api::Server>(application_, options_);
      port_ = server_->port();
      server_->run();
    } catch (const std::system_error& error) {
      end();
      throw Error{Errc::internal,
                  std::string{"the server's threads cannot be started: "} + detail::what_of(error)};
    } catch (...) {
      end();
      throw;
    }
  }

  std::uint16_t port() const noexcept { return port_; }

  void stop() {
    if (!process_.is_here()) return;
    const std::lock_guard lock{life_mutex_};
    end();
  }

  // In a child of a fork: threads would be joined that it does not have, and ending the loop would take the
  // sockets off its parent's.
  static void end(std::shared_ptr<Implementation> server) noexcept {
    Implementation& whole = *server;
    if (!whole.process_.is_here()) whole.process_.leave_alone(std::move(server));
  }

 private:
  // Joins the handlers.
  void end() noexcept {
    server_.reset();
    port_ = options_.port;
  }

  detail::OwnProcess process_;
  const HttpOptions options_;
  api::Application application_;
  std::atomic<std::uint16_t> port_{options_.port};  // without a lock: handlers may ask, and a stop joins them
  std::mutex life_mutex_;                           // for `start` and `stop`, until these are over
  std::unique_ptr<api::Server> server_;
};

HttpServer::HttpServer(Engine& engine, HttpOptions options)
    : implementation_(std::make_shared<Implementation>(engine, std::move(options))) {}

HttpServer::~HttpServer() {
  Implementation::end(std::move(implementation_));
}

void HttpServer::start() {
  implementation_->start();
}

std::uint16_t HttpServer::port() const {
  return implementation_->port();
}

void HttpServer::stop() {
  implementation_->stop();
}

}  // namespace cairn
