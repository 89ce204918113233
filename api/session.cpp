#include "api/session.hpp"

#include "api/failure.hpp"
#include "api/response_head.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <new>
#include <optional>
#include <utility>
#include <variant>

namespace cairn::api {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t bytes_per_second_min = std::size_t{64} << 10;
constexpr std::chrono::seconds linger_max{1};
constexpr int reads_at_once = 16;  // before other sessions have their turn

Response timeout_response(int status, std::string_view name, std::string_view detail) {
  Response response = refusal(status, name, detail);
  response.headers.push_back({"x-should-retry", "false"});
  response.close = true;
  return response;
}

Response busy(std::string_view detail) {
  Response response = refusal(503, "busy", detail);
  response.headers.push_back({"Retry-After", "1"});
  return response;
}

}  // namespace

Session::Session(asio::ip::tcp::socket socket, SessionHost& host)
    : socket_(std::move(socket)), host_(host), timer_(host.io), reader_(host.options) {}

void Session::serve() {
  attempt([&] { begin_request(host_.options.header_timeout); });
}

void Session::refuse(Response response) {
  refused_ = true;
  response.close = true;
  attempt([&] { respond(std::move(response)); });
}

void Session::wind_down() {
  if (phase_ == Phase::waiting || phase_ == Phase::lingering) close();
}

void Session::close() {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  ++turn_;
  host_.bodies_bytes -= std::exchange(accounted_bytes_, 0);
  error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
  host_.ended(shared_from_this());
}

// --------------------------------------------------------------------------------------------------------
// reading

bool Session::is_reading() const noexcept {
  return phase_ == Phase::waiting || phase_ == Phase::head || phase_ == Phase::body;
}

void Session::begin_request(Duration patience) {
  if (host_.stopping) return close();
  if (served_ > 0) reader_ = RequestReader{host_.options};
  phase_ = Phase::waiting;
  request_is_whole_ = false;
  keep_alive_ = false;
  wait_for(patience);
  if (unread_.empty()) return read();
  const std::string bytes = std::exchange(unread_, {});
  take(bytes);
  if (is_reading()) read();
}

void Session::read() {
  if (std::exchange(awaits_bytes_, true)) return;
  socket_.async_wait(asio::ip::tcp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
    self->awaits_bytes_ = false;
    if (!self->is_reading() && self->phase_ != Phase::lingering) return;
    if (error) return self->close();
    self->attempt([&] { self->on_readable(); });
  });
}

void Session::on_readable() {
  for (int reads = 0; reads < reads_at_once; ++reads) {
    error_code error;
    const std::size_t count = socket_.read_some(asio::buffer(host_.arrivals), error);
    if (error == asio::error::would_block || error == asio::error::try_again) break;
    if (error) return on_end();
    if (phase_ == Phase::lingering) continue;
    take({host_.arrivals.data(), count});
    if (!is_reading()) return;
  }
  read();
}

void Session::on_end() {
  if (phase_ != Phase::head && phase_ != Phase::body) return close();
  respond(framing_failure(400, "the request ended before it was complete"));
}

void Session::take(std::string_view bytes) {
  if (phase_ == Phase::waiting && !bytes.empty()) {
    phase_ = Phase::head;
    wait_for(host_.options.header_timeout);
  }
  while (is_reading()) {
    switch (reader_.read(bytes)) {
      case RequestReader::Progress::more:
        account_for_body();
        return;
      case RequestReader::Progress::head:
        if (!on_head() || !admit_body(bytes.empty())) unread_ = bytes;
        break;
      case RequestReader::Progress::complete:
        unread_ = bytes;
        request_is_whole_ = true;
        if (account_for_body()) on_request();
        return;
      case RequestReader::Progress::failed:
        return respond(reader_.failure());
    }
  }
}

// Whether the request is wanted.
bool Session::on_head() {
  keep_alive_ = reader_.framing().keep_alive;
  std::variant<Call, Response> admitted = host_.application.admit(reader_.head());
  if (auto* call = std::get_if<Call>(&admitted)) {
    call_ = std::move(*call);
    return true;
  }
  request_is_whole_ = reader_.head().body_bytes == 0U;
  respond(std::move(std::get<Response>(admitted)));
  return false;
}

// Whether reading goes on at once.
bool Session::admit_body(bool nothing_has_come) {
  reader_.limit_body(call_.body_bytes_max);
  phase_ = Phase::body;
  body_began_ = Clock::now();
  wait_for(host_.options.body_timeout);
  if (!reader_.framing().expects_continue || reader_.head().body_bytes == 0U || !nothing_has_come)
    return true;
  grant_body();
  return false;
}

void Session::grant_body() {
  static constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
  phase_ = Phase::granting;
  asio::async_write(socket_, asio::buffer(text),
                    [self = shared_from_this()](const error_code& error, std::size_t) {
                      if (self->phase_ != Phase::granting) return;
                      if (error) return self->close();
                      self->phase_ = Phase::body;
                      self->attempt([&] { self->read(); });
                    });
}

// Keeps count of the memory that bodies take; answers with 503 when it is too much.
bool Session::account_for_body() {
  const std::size_t bytes = reader_.body_bytes();
  host_.bodies_bytes += bytes - accounted_bytes_;
  accounted_bytes_ = bytes;
  if (host_.bodies_bytes <= host_.options.bodies_bytes) return true;
  Response response = busy("too many large requests at once");
  response.close = true;
  respond(std::move(response));
  return false;
}

// --------------------------------------------------------------------------------------------------------
// working

void Session::on_request() {
  if (host_.requests >= host_.options.requests) return respond(busy("too many requests at once"));
  ++host_.requests;
  phase_ = Phase::working;
  wait_for(host_.options.handler_timeout);
  const std::uint64_t turn = turn_;
  try {
    host_.dispatcher.dispatch({shared_from_this(), turn}, {std::move(call_), reader_.take_body()});
  } catch (const std::bad_alloc&) {
    on_response(turn, lack_of_memory());
  }
}

void Session::on_response(std::uint64_t turn, Response response) {
  --host_.requests;
  if (turn != turn_ || phase_ != Phase::working) return;
  try {
    respond(std::move(response));
  } catch (const std::bad_alloc&) {
    close();  // the answers of others follow
  }
}

void Session::respond(Response response) {
  ++turn_;
  ++served_;
  host_.bodies_bytes -= std::exchange(accounted_bytes_, 0);
  phase_ = Phase::writing;
  out_ = std::move(response);
  keep_alive_ = keep_alive_ && !out_.close && !host_.stopping &&
                served_ < host_.options.requests_per_connection;
  head_out_ = response_head(out_, keep_alive_,
                            std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
  const std::string_view body = out_.without_body ? std::string_view{} : std::string_view{out_.body};
  wait_for(patience_for(host_.options.write_timeout, body.size()));
  const std::array<asio::const_buffer, 2> buffers{asio::buffer(head_out_), asio::buffer(body)};
  asio::async_write(socket_, buffers, [self = shared_from_this()](const error_code& error, std::size_t) {
    if (self->phase_ != Phase::writing) return;
    if (error) return self->close();
    self->attempt([&] { self->on_written(); });
  });
}

void Session::on_written() {
  out_ = {};
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

Session::Clock::duration Session::patience_for(Duration least, std::size_t bytes) const noexcept {
  return least + std::chrono::seconds{bytes / bytes_per_second_min};
}

// A request moves the deadline several times, nearly always away: the timer is set anew only when the
// deadline comes before it, and otherwise goes on when it has ended too early.
void Session::wait_for(Clock::duration patience) {
  deadline_ = Clock::now() + patience;
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
    case Phase::body: {
      const auto patience = body_began_ + patience_for(host_.options.body_timeout, reader_.body_bytes()) -
                            Clock::now();
      if (patience > Clock::duration::zero()) return wait_for(patience);
      return respond(timeout_response(408, "timeout", "the body of the request did not come in time"));
    }
    case Phase::working:
      return respond(timeout_response(
          504, "timeout", "the request is still being carried out, and its outcome is not known yet"));
    default:
      return close();
  }
}

}  // namespace cairn::api
