#include "api/connections/response_head.hpp"
#include "api/connections/session.hpp"
#include "api/requests/failure.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <new>
#include <utility>

// What becomes of a request that is whole: it is carried out, and its answer written. And what becomes of a
// client that lets others wait.
namespace cairn::api {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::chrono::seconds linger_max{1};
constexpr std::size_t written_at_once = std::size_t{64} << 10;

Response timeout_response(int status, std::string_view name, std::string_view detail) {
  Response response = refusal(status, name, detail);
  response.headers.push_back({"x-should-retry", "false"});
  response.close = true;
  return response;
}

}  // namespace

// --------------------------------------------------------------------------------------------------------
// working

// With what its body holds. What has come of the next requests stays here, unless there is no room for it:
// without these bytes the connection cannot go on.
Request Session::take_request() {
  Request request{std::move(call_), reader_.take_body(), std::move(held_)};
  request.share.settle(request.body.capacity());
  held_ = Share{host_.application.account()};
  if (!held_.resize(reader_.held_bytes() + unread_.capacity())) {
    release(unread_);
    keep_alive_ = false;
  }
  return request;
}

void Session::on_request() {
  if (!host_.dispatcher.has_place(call_.where.route)) return respond(busy("too many requests at once"));
  phase_ = Phase::working;
  wait_for(host_.options.handler_timeout);
  const std::uint64_t turn = turn_;
  try {
    host_.dispatcher.dispatch({shared_from_this(), turn}, take_request());
  } catch (const std::bad_alloc&) {
    on_response(turn, lack_of_memory(), {});
  }
}

void Session::on_response(std::uint64_t turn, Response response, Share share) noexcept {
  if (turn != turn_ || phase_ != Phase::working) return;
  try {
    respond(std::move(response), std::move(share));
  } catch (...) {
    close();  // the answers of others follow
  }
}

void Session::respond(Response response, Share share) {
  ++turn_;
  ++served_;
  phase_ = Phase::writing;
  static_cast<void>(reader_.take_body());  // it is not wanted any more
  held_.settle(reader_.held_bytes() + unread_.capacity());
  out_ = std::move(response);
  out_.without_body = out_.without_body || reader_.head().method == "HEAD";  // whoever answers
  out_held_ = std::move(share);
  keep_alive_ = keep_alive_ && !out_.close && !host_.stopping &&
                served_ < host_.options.requests_per_connection;
  head_out_ = response_head(out_, keep_alive_,
                            std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
  const std::string_view body = out_.without_body ? std::string_view{} : std::string_view{out_.body};
  patience_.begin(host_.options.write_timeout, Clock::now());
  wait_until(patience_.deadline());
  const std::array<asio::const_buffer, 2> buffers{asio::buffer(head_out_), asio::buffer(body)};
  asio::async_write(
      socket_, buffers,
      [this](const error_code& error, std::size_t written) { return write_more(error, written); },
      [self = shared_from_this()](const error_code& error, std::size_t) {
        if (self->phase_ != Phase::writing) return;
        if (error) return self->close();
        self->attempt([&] { self->on_written(); });
      });
}

// How much to write next, after so much has been written.
std::size_t Session::write_more(const error_code& error, std::size_t written) {
  if (error || phase_ != Phase::writing) return 0;
  patience_.moved(written, Clock::now());
  deadline_ = patience_.deadline();  // no earlier than it was
  return written_at_once;
}

void Session::on_written() {
  release(out_.body);
  out_ = {};
  out_held_ = {};
  if (keep_alive_) return begin_request(host_.options.idle_timeout);
  if (request_is_whole_ && unread_.empty()) return close();
  linger();
}

// Bytes that come after the answer would make the system reset the connection, and the client lose the
// answer: they are read and thrown away for a moment.
void Session::linger() {
  phase_ = Phase::lingering;
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  wait_for(linger_max);
  read();
}

// ------------------------------------------------------------------------------------------------------
// deadlines

// A request moves the deadline several times, nearly always away: the timer is set anew only when the
// deadline comes before it, and otherwise goes on when it has ended too early.
void Session::wait_until(Clock::time_point deadline) {
  deadline_ = deadline;
  if (deadline_ < alarm_) set_alarm();
}

void Session::set_alarm() {
  alarm_ = deadline_;
  timer_.expires_at(alarm_);
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (error || self->phase_ == Phase::closed) return;
    self->alarm_ = Clock::time_point::max();
    self->attempt([&] {
      if (Clock::now() < self->deadline_) return self->set_alarm();
      self->on_deadline();
    });
  });
}

void Session::on_deadline() {
  switch (phase_) {
    case Phase::head:
      return respond(timeout_response(408, "timeout", "the head of the request did not come in time"));
    case Phase::body:
      return respond(timeout_response(408, "timeout", "the body of the request did not come in time"));
    case Phase::working:
      return respond(timeout_response(
          504, "timeout", "the request may be carried out still, and its outcome is not known yet"));
    default:
      return close();
  }
}

}  // namespace cairn::api
