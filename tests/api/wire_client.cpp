#include "tests/api/wire_client.hpp"

#include <gtest/gtest.h>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <stdexcept>

namespace cairn::tests {
namespace {

constexpr int patience_ms = 10'000;

void wait_for(int socket, short events) {
  pollfd waited{.fd = socket, .events = events, .revents = 0};
  if (::poll(&waited, 1, patience_ms) <= 0) throw std::runtime_error("the server does not answer");
}

std::string lower(std::string_view text) {
  std::string result{text};
  std::ranges::transform(result, result.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

WireResponse read_head(std::string_view head) {
  WireResponse response;
  response.version = head.substr(0, 8);
  response.status = std::stoi(std::string{head.substr(9, 3)});
  for (std::size_t line_end = head.find("\r\n");
       line_end != std::string_view::npos && line_end + 2 < head.size();) {
    const std::size_t end = head.find("\r\n", line_end + 2);
    const std::string_view line = head.substr(line_end + 2, end - line_end - 2);
    const std::size_t colon = line.find(": ");
    if (colon != std::string_view::npos)
      response.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
    line_end = end;
  }
  return response;
}

}  // namespace

WireClient::WireClient() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (socket_ < 0) throw std::runtime_error("no socket");
}

WireClient::WireClient(std::uint16_t port) : WireClient() {
  connect(port);
}

void WireClient::connect(std::uint16_t port) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0)
    throw std::runtime_error("no connection");
}

WireClient::~WireClient() {
  ::close(socket_);
}

bool WireClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void WireClient::shut_down() {
  ::shutdown(socket_, SHUT_WR);
}

void WireClient::reset_at_end() {
  const linger abrupt{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &abrupt, sizeof abrupt);
}

void WireClient::receive_little() {
  const int bytes = 4'096;
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

bool WireClient::has_news(int milliseconds) const {
  pollfd waited{.fd = socket_, .events = POLLIN, .revents = 0};
  return !received_.empty() || ::poll(&waited, 1, milliseconds) > 0;
}

bool WireClient::fill() {
  wait_for(socket_, POLLIN);
  std::array<char, 65'536> buffer;
  const ssize_t count = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (count <= 0) return false;
  received_.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

WireResponse WireClient::receive(bool head) {
  std::size_t end = received_.find("\r\n\r\n");
  while (end == std::string::npos) {
    if (!fill()) return {};
    end = received_.find("\r\n\r\n");
  }
  WireResponse response = read_head(std::string_view{received_}.substr(0, end + 2));
  received_.erase(0, end + 4);
  const auto length = response.headers.find("content-length");
  if (head || length == response.headers.end()) return response;
  const std::size_t bytes = std::stoul(length->second);
  while (received_.size() < bytes) {
    if (!fill()) throw std::runtime_error("the body of the answer is cut off");
  }
  response.body = received_.substr(0, bytes);
  received_.erase(0, bytes);
  received_.shrink_to_fit();  // a test counts what the server holds, in the same process
  return response;
}

bool WireClient::is_closed() {
  return received_.empty() && !fill();
}

WireResponse WireClient::ask(std::string_view bytes, bool head) {
  send(bytes);
  return receive(head);
}

}  // namespace cairn::tests
