#include "api/dispatcher.hpp"

#include "api/session.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace cairn::api {
namespace {

namespace asio = boost::asio;

constexpr std::size_t group_max = 256;                           // requests
constexpr std::size_t grouped_body_max = std::size_t{16} << 10;  // bytes: nobody waits for a large body to be
                                                                 // read

bool may_be_grouped(const Request& request) noexcept {
  return request.call.where.route == Route::instances && request.call.post &&
         request.body.size() <= grouped_body_max;
}

// The first `count`, which are removed.
template <class T>
std::vector<T> take_first(std::vector<T>& from, std::size_t count) {
  const auto end = from.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<T> taken{std::make_move_iterator(from.begin()), std::make_move_iterator(end)};
  from.erase(from.begin(), end);
  return taken;
}

}  // namespace

void Dispatcher::dispatch(Asker asker, Request request) {
  if (!may_be_grouped(request)) return carry_out(std::move(asker), std::move(request));
  const auto [entry, is_idle] = waiting_.try_emplace(request.call.where.workflow);
  entry->second.askers.push_back(std::move(asker));
  entry->second.requests.push_back(std::move(request));
  if (is_idle) create_waiting(std::string{entry->first});
}

void Dispatcher::carry_out(Asker asker, Request request) {
  asio::post(handlers_, [this, asker = std::move(asker), request = std::move(request)]() mutable {
    Response response = application_.carry_out(request.call, request.body);
    asio::post(io_, [asker = std::move(asker), response = std::move(response)]() mutable {
      asker.session->on_response(asker.turn, std::move(response));
    });
  });
}

void Dispatcher::create_waiting(const std::string& workflow) {
  const auto entry = waiting_.find(workflow);
  Group& waiting = entry->second;
  if (waiting.requests.empty()) {
    waiting_.erase(entry);
    return;
  }
  const std::size_t count = std::min(waiting.requests.size(), group_max);
  Group group{take_first(waiting.askers, count), take_first(waiting.requests, count)};
  asio::post(handlers_, [this, workflow, group = std::move(group)]() mutable {
    Answers answers = application_.create_together(group.requests);
    asio::post(io_, [this, workflow, group = std::move(group), answers = std::move(answers)]() mutable {
      on_created(workflow, std::move(group), std::move(answers));
    });
  });
}

// The next group begins before the answers of this one are written.
void Dispatcher::on_created(const std::string& workflow, Group group, Answers answers) {
  create_waiting(workflow);
  for (std::size_t index = 0; index < answers.size(); ++index) {
    Asker& asker = group.askers[index];
    if (answers[index]) {
      asker.session->on_response(asker.turn, *std::move(answers[index]));
    } else {
      carry_out(std::move(asker), std::move(group.requests[index]));
    }
  }
}

}  // namespace cairn::api
