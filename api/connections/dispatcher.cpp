#include "api/connections/dispatcher.hpp"

#include "api/connections/session.hpp"
#include "api/requests/failure.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <iterator>
#include <new>
#include <span>
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

bool is_awaited(const Asker& asker) noexcept {
  return asker.session->awaits(asker.turn);
}

// Moves the first `count`; there is room for them.
template <class T>
void move_first(std::vector<T>& from, std::size_t count, std::vector<T>& to) {
  const auto end = from.begin() + static_cast<std::ptrdiff_t>(count);
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(end));
  from.erase(from.begin(), end);
}

}  // namespace

void Dispatcher::dispatch(const Asker& asker, Request request) {
  const std::size_t places = takes_place(request.call.where.route) ? 1 : 0;
  requests_ += places;
  try {
    if (may_be_grouped(request)) {
      create(asker, std::move(request));
    } else {
      carry_out(asker, std::move(request));
    }
  } catch (...) {
    requests_ -= places;
    throw;
  }
}

void Dispatcher::create(const Asker& asker, Request request) {
  const std::string workflow = request.call.where.workflow;
  const auto [entry, is_idle] = waiting_.try_emplace(workflow);
  try {
    wait(entry->second, asker, std::move(request));
  } catch (...) {
    if (is_idle) waiting_.erase(entry);
    throw;
  }
  if (is_idle) create_waiting(workflow);
}

// Both or none: the n-th request stays the n-th asker's.
void Dispatcher::wait(Group& group, const Asker& asker, Request request) {
  group.requests.push_back(std::move(request));
  try {
    group.askers.push_back(asker);
  } catch (...) {
    group.requests.pop_back();
    throw;
  }
}

// Whoever holds what is carried out hands it on: sessions end on the I/O thread.
void Dispatcher::carry_out(const Asker& asker, Request request) {
  const Route route = request.call.where.route;
  auto single = std::make_shared<Single>(Single{asker, std::move(request)});
  HandlerThreads& threads = route == Route::health ? health_ : handlers_;
  asio::post(threads.executor(), [this, single = std::move(single)]() mutable {
    if (is_awaited(single->asker)) single->response = application_.carry_out(single->request);
    Reserve& way_back = single->way_back;
    post_reserved(io_, way_back, [this, single = std::move(single)] {
      Request& carried_out = single->request;
      give(single->asker, carried_out.call.where.route, std::move(single->response),
           std::move(carried_out.share));
    });
  });
}

void Dispatcher::give(const Asker& asker, Route route, Response response, Share share) noexcept {
  if (takes_place(route)) --requests_;
  asker.session->on_response(asker.turn, std::move(response), std::move(share));
}

// Of requests that were to create.
void Dispatcher::tell_lack_of_memory(const std::vector<Asker>& askers) noexcept {
  for (const Asker& asker : askers) give(asker, Route::instances, lack_of_memory(), {});
}

void Dispatcher::create_waiting(const std::string& workflow) {
  const auto entry = waiting_.find(workflow);
  if (entry->second.requests.empty()) {
    waiting_.erase(entry);
    return;
  }
  std::shared_ptr<Together> together;
  try {
    together = take_group(workflow, entry->second);
    begin(together);
  } catch (const std::bad_alloc&) {
    const Group left = std::move(entry->second);
    waiting_.erase(entry);
    if (together) tell_lack_of_memory(together->group.askers);
    tell_lack_of_memory(left.askers);
  }
}

void Dispatcher::begin(std::shared_ptr<Together> together) {
  asio::post(handlers_.executor(), [this, together = std::move(together)]() mutable {
    together->awaited = together->group.put_awaited_first();
    if (together->awaited > 0) {
      const std::span<Request> requests{together->group.requests};
      together->answers = application_.create_together(requests.first(together->awaited));
    }
    Reserve& way_back = together->way_back;
    post_reserved(io_, way_back, [this, together = std::move(together)] { on_created(*together); });
  });
}

std::size_t Dispatcher::Group::put_awaited_first() noexcept {
  std::size_t count = 0;
  for (std::size_t index = 0; index < askers.size(); ++index) {
    if (!is_awaited(askers[index])) continue;
    if (index != count) {
      std::swap(askers[index], askers[count]);
      std::swap(requests[index], requests[count]);
    }
    ++count;
  }
  return count;
}

// Throws before anything is taken.
std::shared_ptr<Dispatcher::Together> Dispatcher::take_group(const std::string& workflow, Group& waiting) {
  const std::size_t count = std::min(waiting.requests.size(), group_max);
  auto together = std::make_shared<Together>(Together{workflow});
  together->group.askers.reserve(count);
  together->group.requests.reserve(count);
  move_first(waiting.askers, count, together->group.askers);
  move_first(waiting.requests, count, together->group.requests);
  return together;
}

// The next group begins before the answers of this one are written.
void Dispatcher::on_created(Together& together) {
  create_waiting(together.workflow);
  const std::vector<Asker>& askers = together.group.askers;
  if (together.answers.empty()) return tell_lack_of_memory(askers);  // if anybody waits still
  for (std::size_t index = 0; index < askers.size(); ++index) {
    Request& request = together.group.requests[index];
    if (index >= together.awaited) {
      give(askers[index], Route::instances, {}, std::move(request.share));
      continue;
    }
    if (std::optional<Response>& answer = together.answers[index]) {
      give(askers[index], Route::instances, *std::move(answer), std::move(request.share));
      continue;
    }
    try {
      carry_out(askers[index], std::move(request));
    } catch (const std::bad_alloc&) {
      give(askers[index], Route::instances, lack_of_memory(), {});
    }
  }
}

}  // namespace cairn::api
