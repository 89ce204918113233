#pragma once

#include "api/connections/dispatcher.hpp"
#include "api/connections/patience.hpp"
#include "api/connections/request_reader.hpp"
#include "api/handlers/application.hpp"
#include "api/requests/account.hpp"

#include <cairn/http.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
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
  /// The session has closed its connection. Others wait for whoever calls this, so nothing is thrown.
  virtual void ended(const std::shared_ptr<Session>& session) noexcept = 0;

  Application& application;
  const HttpOptions& options;
  boost::asio::io_context io{1};
  Dispatcher dispatcher{application, io, options};
  std::vector<char> arrivals = std::vector<char>(std::size_t{64} << 10);  ///< where every session reads into
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
  void wind_down() noexcept;
  void close() noexcept;
  /// Whether anybody waits for the answer to the request of that turn still. From any thread.
  [[nodiscard]] bool awaits(std::uint64_t turn) const noexcept { return turn == turn_; }
  /// Takes the answer to the request of that turn, unless it comes too late; and what it holds of the
  /// account.
  void on_response(std::uint64_t turn, Response response, Share share) noexcept;

 private:
  using Clock = Patience::Clock;
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
  void keep_unread(std::string_view bytes);
  bool account_for_body();
  Request take_request();
  void on_request();
  void respond(Response response, Share share = {});
  std::size_t write_more(const boost::system::error_code& error, std::size_t written);
  void on_written();
  void linger();
  void wait_for(Clock::duration patience) { wait_until(Clock::now() + patience); }
  void wait_until(Clock::time_point deadline);
  void set_alarm();
  void on_deadline();
  [[nodiscard]] bool is_reading() const noexcept;

  boost::asio::ip::tcp::socket socket_;
  SessionHost& host_;
  boost::asio::steady_timer timer_;
  Clock::time_point deadline_ = {};
  Clock::time_point alarm_ = Clock::time_point::max();  // when the timer ends; no timer runs at first
  Patience patience_;                                   // for a body or an answer
  Phase phase_ = Phase::waiting;
  bool awaits_bytes_ = false;
  bool request_is_whole_ = false;  // nothing of it can still come
  bool keep_alive_ = false;
  bool refused_ = false;
  std::size_t served_ = 0;
  std::atomic<std::uint64_t> turn_ = 0;  // tells the awaited answer from one that comes too late
  Share held_;                           // by what has been read
  RequestReader reader_;
  Call call_;
  std::string unread_;  // of the requests that follow
  std::string head_out_;
  Response out_;
  Share out_held_;
};

}  // namespace cairn::api
