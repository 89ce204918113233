#include "benchmarks/http_load.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <charconv>
#include <chrono>
#include <stdexcept>
#include <string_view>

namespace cairn::benchmarks {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::size_t buffer_bytes = std::size_t{256} << 10;

// What an answer's head says; nothing is known before the head is complete.
struct Answer {
  int status = 0;
  std::size_t bytes = 0;  // head and body
};

Answer read_head(std::string_view text) {
  constexpr std::string_view length = "Content-Length: ";
  constexpr std::string_view version = "HTTP/1.1 ";
  const std::size_t end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return {};
  const std::size_t at = text.substr(0, end).find(length);
  if (at == std::string_view::npos) throw std::runtime_error{"an answer without Content-Length"};
  Answer answer;
  std::from_chars(text.data() + version.size(), text.data() + end, answer.status);
  std::from_chars(text.data() + at + length.size(), text.data() + end, answer.bytes);
  answer.bytes += end + 4;
  return answer;
}

}  // namespace

// What the connections of one run share.
struct HttpLoad::Round {
  asio::io_context io{1};
  const std::string* request = nullptr;
  int status = 0;
  std::size_t to_send = 0;
  std::vector<double> latencies;
  std::vector<char> arrivals = std::vector<char>(buffer_bytes);
};

class HttpLoad::Connection {
 public:
  Connection(Round& round, std::uint16_t port) : round_{round}, socket_{round.io} {
    socket_.connect({asio::ip::address_v4::loopback(), port});
    socket_.set_option(tcp::no_delay{true});
    socket_.non_blocking(true);
  }

  void begin() {
    if (round_.to_send == 0) return;
    --round_.to_send;
    sent_ = 0;
    received_ = 0;
    answer_ = {};
    began_ = Clock::now();
    send();
  }

 private:
  // The system takes a short request at once, and then nothing has to be waited for.
  void send() {
    while (sent_ < round_.request->size()) {
      error_code error;
      sent_ += socket_.write_some(asio::buffer(*round_.request) + sent_, error);
      if (error == asio::error::would_block || error == asio::error::try_again) {
        return socket_.async_wait(tcp::socket::wait_write, [this](const error_code& failed) {
          if (failed) throw boost::system::system_error{failed};
          send();
        });
      }
      if (error) throw boost::system::system_error{error};
    }
    wait();
  }

  // Waiting first saves the read that would find nothing.
  void wait() {
    socket_.async_wait(tcp::socket::wait_read, [this](const error_code& failed) {
      if (failed) throw boost::system::system_error{failed};
      receive();
    });
  }

  void receive() {
    const std::size_t count = socket_.read_some(asio::buffer(round_.arrivals));
    const std::string_view bytes{round_.arrivals.data(), count};
    if (answer_.bytes == 0) {
      if (received_ > 0) throw std::runtime_error{"a head that comes in pieces"};
      answer_ = read_head(bytes);
      if (answer_.bytes == 0 || answer_.status != round_.status) {
        throw std::runtime_error{"not the answer that was expected: " + std::string{bytes.substr(0, 1'000)}};
      }
    }
    received_ += count;
    if (received_ < answer_.bytes) return wait();
    if (received_ > answer_.bytes) throw std::runtime_error{"an answer that nobody asked for"};
    round_.latencies.push_back(std::chrono::duration<double>{Clock::now() - began_}.count());
    begin();
  }

  Round& round_;
  tcp::socket socket_;
  std::size_t sent_ = 0;
  std::size_t received_ = 0;
  Answer answer_;
  Clock::time_point began_;
};

HttpLoad::HttpLoad(std::uint16_t port, std::size_t connections) : round_{std::make_unique<Round>()} {
  while (connections_.size() < connections) {
    connections_.push_back(std::make_unique<Connection>(*round_, port));
  }
}

HttpLoad::~HttpLoad() = default;

std::vector<double> HttpLoad::run(const std::string& request, std::size_t count, int status) {
  round_->request = &request;
  round_->status = status;
  round_->to_send = count;
  round_->latencies.clear();
  round_->latencies.reserve(count);
  for (const auto& connection : connections_) connection->begin();
  round_->io.restart();
  round_->io.run();
  return std::move(round_->latencies);
}

}  // namespace cairn::benchmarks
