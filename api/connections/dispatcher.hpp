#pragma once

#include "api/connections/handler_threads.hpp"
#include "api/connections/reserve.hpp"
#include "api/handlers/application.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace cairn::api {

class Session;

/// Who waits for an answer; `Session::on_response` takes it.
struct Asker {
  std::shared_ptr<Session> session;
  std::uint64_t turn = 0;
};

/// Hands requests to the handlers and their answers back to the sessions. Lives on the I/O thread.
///
/// Who asks how the engine fares is answered by a thread that does nothing else, and takes no place from
/// others: that is asked most urgently when all handlers are busy.
///
/// Creations of one instance that come while others of the same workflow are carried out wait for these, and
/// are then carried out together: by one handler, in one transaction. So a server that is not busy adds no
/// waiting, and a busy one wakes few threads and flushes seldom.
///
/// What waits for a handler until its asker waits no more, such as one that was told of a timeout, is not
/// begun.
class Dispatcher {
 public:
  Dispatcher(Application& application, boost::asio::io_context& io, const HttpOptions& options)
      : application_(application), io_(io), requests_max_(options.requests), handlers_(options.handlers) {}

  /// Whether there is a place for a request of that kind.
  [[nodiscard]] bool has_place(Route route) const noexcept {
    return !takes_place(route) || requests_ < requests_max_;
  }
  /// Throws `std::bad_alloc`: then it was not taken.
  void dispatch(const Asker& asker, Request request);
  /// What no handler has begun will not begin.
  void stop() {
    handlers_.stop();
    health_.stop();
  }
  /// Waits for the handlers; from any thread.
  void join() {
    handlers_.join();
    health_.join();
  }

 private:
  // Of one workflow; the n-th request is the n-th asker's.
  struct Group {
    // Those that are awaited still come first from now on. How many they are.
    std::size_t put_awaited_first() noexcept;

    std::vector<Asker> askers;
    std::vector<Request> requests;
  };
  // What a handler carries out. It goes back by its reserve: a handler's thread has nobody to tell that there
  // is no memory for it.
  struct Single {
    Asker asker;
    Request request;
    Response response = {};
    Reserve way_back = {};
  };
  struct Together {
    std::string workflow;
    Group group = {};
    std::size_t awaited = 0;  // as many from the first on are carried out
    std::vector<std::optional<Response>> answers = {};
    Reserve way_back = {};
  };

  static bool takes_place(Route route) noexcept { return route != Route::health; }
  void create(const Asker& asker, Request request);
  void carry_out(const Asker& asker, Request request);
  void give(const Asker& asker, Route route, Response response, Share share) noexcept;
  void tell_lack_of_memory(const std::vector<Asker>& askers) noexcept;
  static void wait(Group& group, const Asker& asker, Request request);
  void create_waiting(const std::string& workflow);
  static std::shared_ptr<Together> take_group(const std::string& workflow, Group& waiting);
  void begin(std::shared_ptr<Together> together);
  void on_created(Together& together);

  Application& application_;
  boost::asio::io_context& io_;
  std::unordered_map<std::string, Group> waiting_;  // by workflow: an entry as long as a group is carried out
  const std::size_t requests_max_;
  std::size_t requests_ = 0;  // that are carried out, or wait for a handler
  HandlerThreads handlers_;
  HandlerThreads health_{1};
};

}  // namespace cairn::api
