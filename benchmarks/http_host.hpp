#pragma once

#include <cairn/cairn.hpp>
#include <cairn/http.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace cairn::benchmarks {

// An engine that is not started, so that creating alone is measured, behind an HTTP server on a free port.
class HttpHost {
 public:
  explicit HttpHost(const std::filesystem::path& file);

  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  // A POST of JSON to the only workflow's instances, or to what stands behind them, such as `/batch`.
  [[nodiscard]] static std::string post(const std::string& behind, const std::string& body);

 private:
  Engine engine_;
  HttpServer server_;
};

// A JSON object of exactly that many bytes, at least 64, as an order might be.
[[nodiscard]] std::string order_params(std::size_t bytes);

}  // namespace cairn::benchmarks
