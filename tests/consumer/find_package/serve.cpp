// A host program that shows its engine over HTTP.

#include <cairn/cairn.hpp>
#include <cairn/http.hpp>

int main() {
  cairn::Engine engine{cairn::open_sqlite(":memory:")};
  cairn::HttpServer server{engine, {.address = "127.0.0.1", .port = 0}};
  server.start();
  const bool listens = server.port() != 0;
  server.stop();
  return listens ? 0 : 1;
}
