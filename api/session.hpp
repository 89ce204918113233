#pragma once

#include "api/application.hpp"
#include "api/dispatcher.hpp"
#include "api/request_reader.hpp"

#include <cairn/http.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::api {

/// What the sessions of a server share. All but `application` is touched by the I/O thread only.
class SessionHost {
 public:
  SessionHost(Application& served, const HttpOptions& limits) : application(served), options(limits) {}
  virtual ~SessionHost() = default;
  /// The session has closed its connection.
  virtual void ended(const std::shared_ptr<Session>& session) = 0;

  Application& application;
  const HttpOptions& options;
  boost::asio::io_context io{1};
  Dispatcher dispatcher{application, io, options.handlers};
  std::vector<char> arrivals = std::vector<char>(std::size_t{64} << 10);  ///< where every session reads into
  std::size_t requests = 0;      ///< that are carried out, or wait for a handler
  std::size_t bodies_bytes = 0;  ///< of all requests
  bool stopping = false;
};

/// One connection. Lives on the I/O thread; only the handlers run elsewhere. An idle session holds no buffer.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(boost::asio::ip::tcp::socket socket, SessionHost& host);

  /// Serves requests, one after the other, until one side closes.
  void serve();
  /// Answers without reading a request, and closes.
  void refuse(Response response);
  [[nodiscard]] bool is_refused() const noexcept { return refused_; }
  /// Closes as soon as the request that has begun is answered; at once when there is none.
  void wind_down();
  void close();
  /// Takes the answer to the request of that turn, unless it comes too late.
  void on_response(std::uint64_t turn, Response response);

 private:
  using Clock = std::chrono::steady_clock;
  enum class Phase { waiting, head, body, granting, working, writing, lingering, closed };

  /// What the loop calls. If it throws, such as for lack of memory, nobody would end the connection later.
  template <class Part>
  void attempt(Part part) {
    try {
      part();
    } catch (...) {
      close();
      throw;
    }
  }

  void begin_request(Duration patience);
  void read();
  void on_readable();
  void on_end();
  void take(std::string_view bytes);
  bool on_head();
  bool admit_body(bool nothing_has_come);
  void grant_body();
  bool account_for_body();
  void on_request();
  void respond(Response response);
  void on_written();
  void linger();
  void wait_for(Clock::duration patience);
  void set_alarm();
  void on_deadline();
  [[nodiscard]] bool is_reading() const noexcept;
  [[nodiscard]] Clock::duration patience_for(Duration least, std::size_t bytes) const noexcept;

  boost::asio::ip::tcp::socket socket_;
  SessionHost& host_;
  boost::asio::steady_timer timer_;
  Clock::time_point deadline_ = {};
  Clock::time_point alarm_ = Clock::time_point::max();  // when the timer ends; no timer runs at first
  Clock::time_point body_began_ = {};
  Phase phase_ = Phase::waiting;
  bool awaits_bytes_ = false;
  bool request_is_whole_ = false;  // nothing of it can still come
  bool keep_alive_ = false;
  bool refused_ = false;
  std::size_t served_ = 0;
  std::uint64_t turn_ = 0;  // tells the awaited answer from one that comes too late
  std::size_t accounted_bytes_ = 0;
  RequestReader reader_;
  Call call_;
  std::string unread_;  // of the requests that follow
  std::string head_out_;
  Response out_;
};

}  // namespace cairn::api
