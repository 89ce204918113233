#include "engine/implementation.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

// Instances that have an error: shown, and resumed when they are parked for it.
namespace cairn {

namespace {

constexpr std::size_t resumed_together = 500;

bool may_have_error(Status status) {
  return status == Status::paused || status == Status::errored || status == Status::terminated;
}

}  // namespace

// To the page of a list, which has the first of these rows.
void Engine::Implementation::add_errors(const std::vector<InstanceRow>& rows, Page& page) const {
  std::vector<Key> keys;
  for (std::size_t i = 0; i < page.instances.size(); ++i) {
    if (may_have_error(rows[i].status)) keys.push_back(rows[i].key);
  }
  if (keys.empty()) return;
  std::vector<std::optional<ErrorRecord>> errors = store_->errors(keys);
  auto next = errors.begin();
  for (std::size_t i = 0; i < page.instances.size() && next != errors.end(); ++i) {
    if (may_have_error(rows[i].status)) page.instances[i].error = *std::move(next++);
  }
}

std::optional<std::int64_t> Engine::Implementation::workflow_of_name(const std::string& name) const {
  if (name.empty()) return std::nullopt;
  for (const WorkflowRow& row : store_->workflows()) {
    if (row.name == name) return row.workflow;
  }
  throw Error{Errc::workflow_not_found, "the store has no workflow \"" + name.substr(0, 64) + "\""};
}

// One that parks again at once has been passed by: none is met twice.
std::size_t Engine::Implementation::resume_parked(const ParkedFilter& filter) {
  const Use use{*this, "resume_parked"};
  Use::refuse_stopped(*this, "resume_parked");
  ListQuery query{.workflow = workflow_of_name(filter.workflow), .status = Status::paused};
  query.newest_first = false;
  query.limit = resumed_together;
  std::size_t resumed = 0;
  for (bool more = true; more;) {
    const std::vector<InstanceRow> rows = store_->list(query);
    more = rows.size() == query.limit;
    if (rows.empty()) break;
    query.after = rows.back().key;
    std::vector<Key> keys;
    for (const InstanceRow& row : rows) keys.push_back(row.key);
    const std::vector<std::optional<ErrorRecord>> errors = store_->errors(keys);
    if (!Use::may_go_on(*this)) break;  // asked as late as can be: reading may take its time
    std::vector<Key> parked;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (errors[i] && (filter.error.empty() || errors[i]->name == filter.error)) parked.push_back(keys[i]);
    }
    if (!parked.empty()) resumed += resume_if_parked(parked);
  }
  return resumed;
}

// In one group, or few.
std::size_t Engine::Implementation::resume_if_parked(const std::vector<Key>& keys) {
  std::vector<Change> requests;
  requests.reserve(keys.size());
  for (const Key key : keys)
    requests.emplace_back(Control{.key = key, .command = Command::resume, .if_parked = true});
  const std::vector<Outcome> outcomes = runner_->call(std::move(requests));
  return static_cast<std::size_t>(std::ranges::count_if(
      outcomes, [](const Outcome& outcome) { return std::get<Controlled>(outcome).changed; }));
}

}  // namespace cairn
