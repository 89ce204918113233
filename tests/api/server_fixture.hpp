#pragma once

#include "tests/api/api_fixture.hpp"
#include "tests/api/faulty_store.hpp"
#include "tests/api/wire_client.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cairn::tests {

/// The engine of `ApiFixture` on a store that can be held, behind a server with the limits that a test gives
/// it. What the server logs stands in `log`.
class ServerFixture : public ApiFixture {
 public:
  explicit ServerFixture(std::shared_ptr<Faults> shared = std::make_shared<Faults>())
      : ApiFixture(std::make_unique<FaultyStore>(shared)), faults(std::move(shared)) {}
  ~ServerFixture() override { faults->hold(false); }

  /// Serves on any free port. `limits` begins with the defaults.
  template <class Function>
  void serve(Function limits) {
    HttpOptions some;
    limits(some);
    some.port = 0;
    some.log = options.log;
    server.emplace(engine, some);
    server->start();
  }
  void serve() {
    serve([](HttpOptions&) {});
  }

  std::shared_ptr<Faults> faults;
  std::optional<HttpServer> server;
};

/// A creation of `anything`, as one instance.
inline std::string create_request(std::string_view body, std::string_view fields = {}) {
  return "POST /accounts/a/workflows/anything/instances HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n" + std::string{fields} + "\r\n" + std::string{body};
}

}  // namespace cairn::tests
