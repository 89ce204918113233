#pragma once

#include "tests/api/api_fixture.hpp"
#include "tests/api/wire_client.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

// Requests byte for byte, through a real socket: what is answered, and whether the connection can still be
// used.
namespace cairn::tests::http1 {

enum After { stays_open, closes };

struct Case {
  const char* name;
  std::string request;
  int status;
  After after;
};

// A request on the instances of `anything`: with these fields after the Host, and this body.
inline std::string post(std::string_view fields, std::string_view body,
                        std::string_view target = "/instances") {
  return "POST /client/v4/accounts/acc/workflows/anything" + std::string{target} +
         " HTTP/1.1\r\nHost: localhost\r\n" + std::string{fields} + "\r\n" + std::string{body};
}

inline std::string get(std::string_view fields, std::string_view target = "/accounts/a/workflows",
                       std::string_view version = "HTTP/1.1") {
  return "GET " + std::string{target} + " " + std::string{version} + "\r\n" + std::string{fields} + "\r\n";
}

inline std::string sized(std::string_view body, std::string_view target = "/instances") {
  return post("Content-Length: " + std::to_string(body.size()) + "\r\n", body, target);
}

class Http1 : public ApiFixture {
 public:
  Http1()
      : server(engine, [] {
          HttpOptions some;
          some.port = 0;
          some.body_bytes = 100'000;
          return some;
        }()) {
    server.start();
  }

  void check(const std::vector<Case>& cases) {
    for (const Case& one : cases) {
      SCOPED_TRACE(one.name);
      check(one);
    }
  }

  void check(const Case& one) {
    WireClient client{server.port()};
    const WireResponse response = client.ask(one.request);
    EXPECT_EQ(response.status, one.status) << response.body;
    if (response.status != 204) {
      EXPECT_EQ(response.headers.at("content-type"), "application/json");
    }
    EXPECT_EQ(response.headers.at("connection"), one.after == closes ? "close" : "keep-alive");
    if (one.after == closes) {
      EXPECT_TRUE(client.is_closed());
    } else {
      EXPECT_EQ(client.ask(plain_request).status, 200) << "the connection can be used again";
    }
  }

  HttpServer server;
};

}  // namespace cairn::tests::http1
