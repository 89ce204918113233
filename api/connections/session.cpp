#include "api/connections/session.hpp"

#include "api/requests/failure.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>

#include <string>
#include <utility>
#include <variant>

namespace cairn::api {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr int reads_at_once = 16;  // before other sessions have their turn

// What has come of a body finds no room. The rest is not read.
Response no_room() {
  Response response = busy(memory_is_taken);
  response.close = true;
  return response;
}

}  // namespace

Session::Session(asio::ip::tcp::socket socket, SessionHost& host)
    : socket_(std::move(socket)),
      host_(host),
      timer_(host.io),
      held_(host.application.account()),
      reader_(host.options) {}

void Session::serve() {
  attempt([&] { begin_request(host_.options.header_timeout); });
}

void Session::refuse(Response response) {
  refused_ = true;
  response.close = true;
  attempt([&] { respond(std::move(response)); });
}

void Session::wind_down() noexcept {
  if (phase_ == Phase::waiting || phase_ == Phase::lingering) close();
}

void Session::close() noexcept {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  ++turn_;
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
  while (is_reading()) {
    const RequestReader::Progress progress = reader_.read(bytes);
    if (phase_ == Phase::waiting && reader_.has_begun()) {
      phase_ = Phase::head;
      wait_for(host_.options.header_timeout);
    }
    switch (progress) {
      case RequestReader::Progress::more:
        account_for_body();
        return;
      case RequestReader::Progress::head:
        if (!on_head() || !admit_body(bytes.empty())) keep_unread(bytes);
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
  patience_.begin(host_.options.body_timeout, Clock::now());
  wait_until(patience_.deadline());
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

// What has come of the next requests. If there is no room for it, they are left unanswered.
void Session::keep_unread(std::string_view bytes) {
  unread_ = bytes;
  if (held_.resize(reader_.held_bytes() + unread_.capacity())) return;
  release(unread_);
  keep_alive_ = false;
}

// Keeps count of the memory that is held, and of the time that its bytes have earned; answers when there is
// no more memory.
bool Session::account_for_body() {
  if (phase_ == Phase::body) {
    patience_.moved(reader_.body_bytes(), Clock::now());
    deadline_ = patience_.deadline();  // no earlier than it was
  }
  if (held_.resize(reader_.held_bytes() + unread_.capacity())) return true;
  respond(no_room());
  return false;
}

}  // namespace cairn::api
