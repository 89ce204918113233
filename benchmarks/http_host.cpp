#include "benchmarks/http_host.hpp"

namespace cairn::benchmarks {
namespace {

Task<void> do_nothing(Context& /*ctx*/, json /*params*/) {
  co_return;
}

EngineOptions engine_options() {
  EngineOptions options;
  options.sweep_interval = Duration{0};
  return options;
}

// All as it is by default, but for connections that stay open to the end.
HttpOptions http_options() {
  HttpOptions options;
  options.port = 0;
  options.requests_per_connection = 1'000'000;
  return options;
}

}  // namespace

HttpHost::HttpHost(const std::filesystem::path& file)
    : engine_{open_sqlite(file), engine_options()}, server_{engine_, http_options()} {
  engine_.define("benchmark", do_nothing);
  server_.start();
}

std::string HttpHost::post(const std::string& behind, const std::string& body) {
  return "POST /client/v4/accounts/any/workflows/benchmark/instances" + behind +
         " HTTP/1.1\r\n"
         "Host: 127.0.0.1\r\n"
         "Authorization: Bearer token\r\n"
         "Content-Type: application/json\r\n"
         "Content-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string order_params(std::size_t bytes) {
  const std::string begin = R"({"order":"order-1234","cents":4200,"note":")";
  const std::string end = R"("})";
  return begin + std::string(bytes - begin.size() - end.size(), 'n') + end;
}

}  // namespace cairn::benchmarks
