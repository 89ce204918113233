#pragma once

#include "api/application.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

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
/// Creations of one instance that come while others of the same workflow are carried out wait for these, and
/// are then carried out together: by one handler, in one transaction. So a server that is not busy adds no
/// waiting, and a busy one wakes few threads and flushes seldom.
class Dispatcher {
 public:
  Dispatcher(Application& application, boost::asio::io_context& io, std::size_t handlers)
      : application_(application), io_(io), handlers_(handlers) {}

  /// Throws `std::bad_alloc`: then it was not taken.
  void dispatch(const Asker& asker, Request request);
  /// What no handler has begun will not begin.
  void stop() { handlers_.stop(); }
  /// Waits for the handlers; from any thread.
  void join() { handlers_.join(); }

 private:
  // Of one workflow; the n-th request is the n-th asker's.
  struct Group {
    std::vector<Asker> askers;
    std::vector<Request> requests;
  };
  using Answers = std::vector<std::optional<Response>>;

  void carry_out(const Asker& asker, Request request);
  static void wait(Group& group, const Asker& asker, Request request);
  void create_waiting(const std::string& workflow);
  static std::shared_ptr<Group> take_group(Group& waiting);
  void on_created(const std::string& workflow, Group& group, Answers answers);

  Application& application_;
  boost::asio::io_context& io_;
  std::unordered_map<std::string, Group> waiting_;  // by workflow: an entry as long as a group is carried out
  boost::asio::thread_pool handlers_;
};

}  // namespace cairn::api
