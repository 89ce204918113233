// A server without memory. Usage: http_memory_host K COUNT CLIENTS
//
// So many clients ask it for things at the same time, while request K for memory fails and so do those that
// follow, COUNT in all; there is memory for the clients. There are as many places for requests as clients:
// one that is not given back is missed. How it ends is a `Fate`, or an abort.

#include "tests/api/wire_client.hpp"
#include "tests/faults/failing_memory.hpp"
#include "tests/faults/memory_scene.hpp"

#include <cairn/cairn.hpp>
#include <cairn/http.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <exception>
#include <iostream>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;
using tests::WireClient;
using tests::WireResponse;

constexpr int rounds = 3;

// A name that takes memory wherever it is copied.
const std::string workflow = "plain-with-a-name-of-some-length";

std::string request(std::string_view method, const std::string& target, std::string_view body = "") {
  std::string text{method};
  text += " /accounts/a/workflows/" + workflow + "/instances" + target + " HTTP/1.1\r\nHost: localhost\r\n";
  return text + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

class HttpHost {
 public:
  explicit HttpHost(std::size_t clients) : clients_{clients} {
    engine_.define(workflow, [](Context&, json params) -> Task<json> { co_return params; });
    engine_.start();
    server_.start();
  }

  Fate run() {
    FailingMemory::arm(true);
    {
      std::vector<std::thread> threads;
      const FailingMemory::Spared spared;
      for (std::size_t i = 0; i < clients_; ++i) threads.emplace_back([this, i] { be(i); });
      for (std::thread& thread : threads) thread.join();
    }
    FailingMemory::arm(false);
    if (failure_) std::rethrow_exception(failure_);
    if (!FailingMemory::fired()) return Fate::not_reached;
    expect_service();
    if (engine_.health().state == HealthState::failed) return Fate::engine_failed;
    for (const std::string& id : created_) {
      if (!engine_.workflow(workflow).find(id)) throw std::runtime_error(id + " was created, and is lost");
    }
    return told_ ? Fate::told : Fate::went_on;
  }

 private:
  void be(std::size_t number) {
    const FailingMemory::Spared spared;
    try {
      for (int round = 0; round < rounds; ++round)
        ask_for_all("c" + std::to_string(number) + "-" + std::to_string(round));
    } catch (...) {
      const std::lock_guard lock{mutex_};
      failure_ = std::current_exception();
    }
  }

  void ask_for_all(const std::string& id) {
    WireClient client{server_.port()};
    const WireResponse created = client.ask(request("POST", "", "{\"instance_id\":\"" + id + "\"}"));
    if (created.status == 200) {
      if (created.body.find('"' + id + '"') == std::string::npos)
        throw std::runtime_error("another's answer: " + created.body);
      const std::lock_guard lock{mutex_};
      created_.insert(id);
    }
    note(created);
    if (created.status == 0 || !ask_for_two(client, id)) return;
    note(client.ask(request("PATCH", "/" + id + "/status", "{}")));
  }

  // The second request begins with what came behind the first, which must not be lost.
  bool ask_for_two(WireClient& client, const std::string& id) {
    const std::string second = request("GET", "/" + id);
    const std::size_t half = second.size() / 2;
    client.send(request("GET", "?per_page=2") + second.substr(0, half));
    const WireResponse one = client.receive();
    note(one);
    if (one.status == 0 || !client.send(second.substr(half))) return false;
    const WireResponse two = client.receive();
    note(two);
    if (two.status == 400 || two.status == 405)
      throw std::runtime_error("it was read on from the middle of a request: " + two.body);
    return two.status != 0;
  }

  // Whatever it is, it is an answer, or the end of the connection.
  void note(const WireResponse& answer) {
    if (answer.status == 0 || answer.status >= 500) told_ = true;
    if (answer.status == 503 && answer.body.find("busy") != std::string::npos)
      throw std::runtime_error("a place was not given back");
  }

  // Now there is memory.
  void expect_service() {
    for (std::size_t i = 0; i < clients_; ++i) {
      WireClient client{server_.port()};
      const WireResponse answer = client.ask(request("GET", ""));
      note(answer);
      if (answer.status != 200) throw std::runtime_error("no service: " + std::to_string(answer.status));
    }
  }

  const std::size_t clients_;
  Engine engine_{open_memory(), {.workers = 2}};
  // Whoever's connection has come to nothing soon notices.
  HttpServer server_{engine_,
                     {.port = 0,
                      .handlers = 2,
                      .requests = clients_,
                      .header_timeout = 300ms,
                      .body_timeout = 300ms,
                      .handler_timeout = 300ms,
                      .write_timeout = 300ms,
                      .idle_timeout = 300ms}};
  std::mutex mutex_;
  std::set<std::string> created_;
  std::atomic<bool> told_ = false;
  std::exception_ptr failure_;
};

int run(std::size_t k, std::size_t count, std::size_t clients) {
  const rlimit no_core{.rlim_cur = 0, .rlim_max = 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  try {
    HttpHost host{clients};
    FailingMemory::plan(k, count);
    return static_cast<int>(host.run());
  } catch (const std::exception& error) {
    std::cerr << "http_memory_host: " << error.what() << std::endl;
    return static_cast<int>(Fate::broken);
  }
}

}  // namespace
}  // namespace cairn::testing

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  return cairn::testing::run(std::stoull(words.at(0)), std::stoull(words.at(1)), std::stoull(words.at(2)));
}
