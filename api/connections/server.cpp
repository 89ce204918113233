#include "api/connections/server.hpp"

#include "api/requests/failure.hpp"
#include "api/requests/log.hpp"

#include <cairn/detail/caught.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace cairn::api {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t refused_max = 64;  // connections beyond the limit that hear why; further ones wait to
                                         // be accepted
constexpr std::chrono::milliseconds accept_again_after{100};
constexpr std::chrono::milliseconds breath{10};
constexpr int tries_max = 10;

}  // namespace

Server::Server(Application& served, const HttpOptions& limits) : SessionHost(served, limits) {
  try {
    listen(limits);
  } catch (const boost::system::system_error& error) {
    throw Error{Errc::invalid_argument, "port: " + std::to_string(limits.port) + " of " + limits.address +
                                            " cannot be opened: " + error.code().message()};
  }
}

void Server::listen(const HttpOptions& limits) {
  const tcp::endpoint endpoint{asio::ip::make_address(limits.address), limits.port};
  acceptor_.open(endpoint.protocol());
  acceptor_.set_option(tcp::acceptor::reuse_address{true});
  acceptor_.bind(endpoint);
  acceptor_.listen();
  port_ = acceptor_.local_endpoint().port();
}

void Server::run() {
  thread_ = std::thread{[this] { run_io(); }};
  asio::post(io, [this] { accept(); });
}

void Server::run_io() noexcept {
  for (;;) {
    try {
      io.run();
      return;
    } catch (...) {
      complain(detail::what_of_current_exception().c_str());
      accept_soon();  // what failed may have been about to accept the next connection
    }
  }
}

void Server::complain(const char* reason) const noexcept {
  try {
    write_log(options.log, LogLevel::error, std::string{"http: a session failed: "} + reason);
  } catch (const std::bad_alloc&) {
    write_log(options.log, LogLevel::error, "http: a session failed, and there is no memory to say why");
  }
}

Server::~Server() {
  if (thread_.joinable()) {
    post_reserved(io, to_stop_, [this] { begin_to_stop(); });
    thread_.join();
  }
  dispatcher.join();
  // Answers that came too late for their sessions.
  io.restart();
  io.poll();
}

void Server::begin_to_stop() noexcept {
  stopping = true;
  error_code ignored;
  acceptor_.close(ignored);
  retry_timer_.cancel();
  work_.reset();
  wind_down();
  if (sessions_.empty()) return;
  try {
    stop_timer_.expires_after(options.stop_timeout);
    stop_timer_.async_wait([this](const error_code& error) {
      if (!error) close_all();
    });
  } catch (const std::bad_alloc&) {
    close_all();  // nobody would end it later
  }
}

// Who closes is no longer among the sessions.
void Server::wind_down() noexcept {
  for (auto next = sessions_.begin(); next != sessions_.end();) {
    const std::shared_ptr<Session> session = *next++;
    session->wind_down();
  }
}

void Server::close_all() noexcept {
  dispatcher.stop();  // what no handler has begun is not wanted any more
  for (auto next = sessions_.begin(); next != sessions_.end();) {
    const std::shared_ptr<Session> session = *next++;
    session->close();
  }
}

// ------------------------------------------------------------------------------------------------------
// accepting

void Server::accept() {
  if (accepting_ || stopping || sessions_.size() >= options.connections + refused_max) return;
  // Without memory for the socket, Asio throws, and calls nobody.
  std::shared_ptr<bool> until_called{&accepting_, [](bool* accepting) { *accepting = false; }};
  accepting_ = true;
  acceptor_.async_accept(
      [this, until_called = std::move(until_called)](const error_code& error, tcp::socket socket) mutable {
        until_called.reset();
        on_accept(error, std::move(socket));
      });
}

void Server::on_accept(const error_code& error, tcp::socket socket) {
  if (stopping) return;
  if (error) return on_accept_failed(error);
  starved_ = false;
  add(std::move(socket));
  accept();
}

void Server::on_accept_failed(const error_code& error) {
  const bool starved = error == asio::error::no_descriptors ||
                       error == boost::system::errc::too_many_files_open_in_system ||
                       error == asio::error::no_memory || error == asio::error::no_buffer_space;
  if (!starved) return accept();  // the client has gone away again
  if (!std::exchange(starved_, true)) {
    write_log(options.log, LogLevel::warning,
              "http: no connection can be accepted for now: " + error.message());
  }
  accept_later();
}

void Server::accept_later() {
  retry_timer_.expires_after(accept_again_after);
  retry_timer_.async_wait([this](const error_code& cancelled) {
    if (!cancelled) accept_soon();
  });
}

// At once, or as soon as there is memory for it. Whoever ends next tries again; while there is nobody, nobody
// is kept waiting either.
void Server::accept_soon() noexcept {
  for (int tries = 0; tries < tries_max || sessions_.empty(); ++tries) {
    try {
      return accept();
    } catch (const std::bad_alloc&) {
    }
    try {
      return accept_later();
    } catch (const std::bad_alloc&) {
    }
    std::this_thread::sleep_for(breath);
  }
}

void Server::add(tcp::socket socket) {
  error_code error;
  socket.non_blocking(true, error);
  if (error) return;
  socket.set_option(tcp::no_delay{true}, error);
  const auto session = std::make_shared<Session>(std::move(socket), *this);
  if (sessions_.size() - refused_ < options.connections) {
    sessions_.insert(session);
    return session->serve();
  }
  // From the insertion on nothing may fail here: a session that nobody serves would keep its place.
  Response answer = busy("too many connections");
  sessions_.insert(session);
  ++refused_;
  session->refuse(std::move(answer));
}

void Server::ended(const std::shared_ptr<Session>& session) noexcept {
  if (sessions_.erase(session) > 0 && session->is_refused()) --refused_;
  if (stopping) {
    if (sessions_.empty()) stop_timer_.cancel();
  } else {
    accept_soon();
  }
}

}  // namespace cairn::api
