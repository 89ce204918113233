// Serves the file of a store over HTTP, with all limits as they are by default, so that somebody outside can
// see how much memory that takes. Usage: http_peak_host FILE. Prints its port. The engine is not started:
// what its workflows would need is not what a server needs. It ends when it is killed, or after some minutes.

#include <cairn/cairn.hpp>
#include <cairn/http.hpp>

#include <unistd.h>

#include <exception>
#include <iostream>

namespace cairn::testing {
namespace {

constexpr unsigned longest_life = 300;  // seconds

Task<json> return_params(Context& /*context*/, json params) {
  co_return params;
}

int serve(const char* file) {
  ::alarm(longest_life);
  try {
    Engine engine{open_sqlite(file), {.workers = 1}};
    engine.define("plain", return_params);
    HttpServer server{engine, {.port = 0}};
    server.start();
    std::cout << server.port() << std::endl;
    for (;;) ::pause();
  } catch (const std::exception& error) {
    std::cerr << "http_peak_host: " << error.what() << std::endl;
    return 1;
  }
}

}  // namespace
}  // namespace cairn::testing

int main(int argc, char** argv) {
  return argc == 2 ? cairn::testing::serve(argv[1]) : 2;
}
