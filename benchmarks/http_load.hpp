#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cairn::benchmarks {

// A client for a server on 127.0.0.1: connections that are kept open, on the thread that calls. Each sends
// its next request when it has read the answer to the last one. It shares the machine with what it measures,
// so for a request it makes two calls of the system, and of an answer it reads status and length alone.
class HttpLoad {
 public:
  // Connects. Throws `boost::system::system_error`.
  HttpLoad(std::uint16_t port, std::size_t connections);
  ~HttpLoad();
  HttpLoad(const HttpLoad&) = delete;
  HttpLoad& operator=(const HttpLoad&) = delete;

  // Sends the same request `count` times, and gives the seconds from the first byte sent to the last byte
  // read for each. Throws `std::runtime_error` with the answer when one has another status; the connections
  // are of no use then.
  std::vector<double> run(const std::string& request, std::size_t count, int status);

 private:
  class Connection;
  struct Round;
  std::unique_ptr<Round> round_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace cairn::benchmarks
