#pragma once

#include "api/connections/reserve.hpp"
#include "api/connections/session.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <unordered_set>

namespace cairn::api {

/// A server from its start to its stop: one thread for all sockets, the handlers' pool, and a thread that
/// tells the health.
class Server final : public SessionHost {
 public:
  /// Binds and listens. Throws `Error` (`invalid_argument`).
  Server(Application& application, const HttpOptions& options);
  /// Ends everything; see `HttpServer::stop`.
  ~Server() override;

  /// Begins to accept, on a thread of its own.
  void run();
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

 private:
  void listen(const HttpOptions& options);
  void accept();
  void complain(const char* reason) const noexcept;
  void accept_soon() noexcept;
  void accept_later();
  void on_accept(const boost::system::error_code& error, boost::asio::ip::tcp::socket socket);
  void on_accept_failed(const boost::system::error_code& error);
  void add(boost::asio::ip::tcp::socket socket);
  void ended(const std::shared_ptr<Session>& session) noexcept override;
  void begin_to_stop() noexcept;
  void wind_down() noexcept;
  void close_all() noexcept;
  void run_io() noexcept;

  boost::asio::ip::tcp::acceptor acceptor_{io};
  boost::asio::steady_timer retry_timer_{io};
  boost::asio::steady_timer stop_timer_{io};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io.get_executor()};
  std::unordered_set<std::shared_ptr<Session>> sessions_;
  std::size_t refused_ = 0;  // of the sessions: they take no place from others while their answer is read
  bool accepting_ = false;
  bool starved_ = false;  // of file descriptors
  std::uint16_t port_ = 0;
  Reserve to_stop_;
  std::thread thread_;
};

}  // namespace cairn::api
