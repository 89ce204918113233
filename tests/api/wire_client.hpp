#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace cairn::tests {

/// A response as it came over a socket.
struct WireResponse {
  int status = 0;                                   ///< 0: the connection was closed instead
  std::string version = {};                         ///< such as `HTTP/1.1`
  std::map<std::string, std::string> headers = {};  ///< names in lower case
  std::string body = {};
};

/// A TCP connection to this machine that sends exactly the bytes it is given. Every wait ends after ten
/// seconds, and the test with it.
class WireClient {
 public:
  explicit WireClient(std::uint16_t port);
  ~WireClient();
  WireClient(const WireClient&) = delete;
  WireClient& operator=(const WireClient&) = delete;
  /// Has its socket already, and `connect` still to come.
  static WireClient unconnected() { return WireClient{}; }
  void connect(std::uint16_t port);

  /// False when the server has closed.
  bool send(std::string_view bytes);
  /// Ends this direction of the connection.
  void shut_down();
  /// Makes the end of this client a reset of the connection.
  void reset_at_end();
  /// A small buffer, so that an answer that is not read soon blocks the server. Before anything is received.
  void receive_little();
  /// Reads one response. `head`: it answers HEAD, and has no body.
  WireResponse receive(bool head = false);
  /// Whether bytes or the end of the connection come within that time.
  [[nodiscard]] bool has_news(int milliseconds) const;
  /// Whether the server closes the connection, with no byte more.
  bool is_closed();
  /// Sends a request and reads its response.
  WireResponse ask(std::string_view bytes, bool head = false);

 private:
  WireClient();
  bool fill();
  int socket_;
  std::string received_;
};

/// `GET` of the list of workflows: answered with 200 by every server.
inline constexpr std::string_view plain_request =
    "GET /accounts/a/workflows HTTP/1.1\r\nHost: localhost\r\n\r\n";

}  // namespace cairn::tests
