#include "api/dispatcher.hpp"

#include "api/failure.hpp"
#include "api/session.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <iterator>
#include <new>
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
  } catch (const std::bad_alloc&) {
    requests_ -= places;
    throw;
  }
}

void Dispatcher::create(const Asker& asker, Request request) {
  const std::string workflow = request.call.where.workflow;
  const auto [entry, is_idle] = waiting_.try_emplace(workflow);
  try {
    wait(entry->second, asker, std::move(request));
  } catch (const std::bad_alloc&) {
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
  } catch (const std::bad_alloc&) {
    group.requests.pop_back();
    throw;
  }
}

void Dispatcher::carry_out(const Asker& asker, Request request) {
  const Route route = request.call.where.route;
  asio::post(route == Route::health ? health_ : handlers_,
             [this, asker, route, request = std::move(request)]() mutable {
               Response response = application_.carry_out(request);
               asio::post(io_, [this, asker = std::move(asker), route, response = std::move(response),
                                share = std::move(request.share)]() mutable {
                 give(asker, route, std::move(response), std::move(share));
               });
             });
}

void Dispatcher::give(const Asker& asker, Route route, Response response, Share share) {
  if (takes_place(route)) --requests_;
  asker.session->on_response(asker.turn, std::move(response), std::move(share));
}

// Of requests that were to create.
void Dispatcher::tell_lack_of_memory(const std::vector<Asker>& askers) {
  for (const Asker& asker : askers) give(asker, Route::instances, lack_of_memory(), {});
}

void Dispatcher::create_waiting(const std::string& workflow) {
  const auto entry = waiting_.find(workflow);
  if (entry->second.requests.empty()) {
    waiting_.erase(entry);
    return;
  }
  std::shared_ptr<Group> group;
  try {
    group = take_group(entry->second);
    asio::post(handlers_, [this, workflow, group] {
      Answers answers = application_.create_together(group->requests);
      asio::post(io_, [this, workflow, group, answers = std::move(answers)]() mutable {
        on_created(workflow, *group, std::move(answers));
      });
    });
  } catch (const std::bad_alloc&) {
    const Group left = std::move(entry->second);
    waiting_.erase(entry);
    if (group) tell_lack_of_memory(group->askers);
    tell_lack_of_memory(left.askers);
  }
}

// Throws before anything is taken.
std::shared_ptr<Dispatcher::Group> Dispatcher::take_group(Group& waiting) {
  const std::size_t count = std::min(waiting.requests.size(), group_max);
  auto group = std::make_shared<Group>();
  group->askers.reserve(count);
  group->requests.reserve(count);
  move_first(waiting.askers, count, group->askers);
  move_first(waiting.requests, count, group->requests);
  return group;
}

// The next group begins before the answers of this one are written.
void Dispatcher::on_created(const std::string& workflow, Group& group, Answers answers) {
  create_waiting(workflow);
  if (answers.empty()) return tell_lack_of_memory(group.askers);
  for (std::size_t index = 0; index < answers.size(); ++index) {
    const Asker& asker = group.askers[index];
    Request& request = group.requests[index];
    if (answers[index]) {
      give(asker, Route::instances, *std::move(answers[index]), std::move(request.share));
      continue;
    }
    try {
      carry_out(asker, std::move(request));
    } catch (const std::bad_alloc&) {
      give(asker, Route::instances, lack_of_memory(), {});
    }
  }
}

}  // namespace cairn::api
