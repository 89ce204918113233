#include "engine/guarded_store.hpp"

#include <cairn/detail/caught.hpp>

#include <exception>
#include <new>
#include <optional>
#include <utility>

namespace cairn::engine {

namespace {

std::exception_ptr failure_of_current_exception(Errc code) {
  try {
    throw;
  } catch (const Error& error) {
    return std::make_exception_ptr(Error{error.code(), detail::what_of(error)});
  } catch (const std::bad_alloc&) {
    return std::current_exception();
  } catch (...) {
    return std::make_exception_ptr(Error{code, detail::what_of_current_exception()});
  }
}

template <class Call>
auto guarded(Call call, Errc code = Errc::store_failed) {
  std::optional<decltype(call())> result;
  std::exception_ptr failure;
  detail::contain([&] { result.emplace(call()); }, [&] { failure = failure_of_current_exception(code); });
  if (failure) std::rethrow_exception(failure);
  return *std::move(result);
}

}  // namespace

std::vector<Outcome> GuardedStore::apply(std::span<const Change> group, Time now) {
  return guarded([&] { return store_->apply(group, now); }, Errc::outcome_unknown);
}

std::vector<std::optional<History>> GuardedStore::load(std::span<const Key> keys, std::size_t output_bytes) {
  return guarded([&] { return store_->load(keys, output_bytes); });
}

std::vector<std::optional<History>> GuardedStore::awaiting(std::span<const EventTarget> targets,
                                                           std::size_t output_bytes) {
  return guarded([&] { return store_->awaiting(targets, output_bytes); });
}

std::vector<StepOutput> GuardedStore::outputs(const OutputRange& range) {
  return guarded([&] { return store_->outputs(range); });
}

std::vector<bool> GuardedStore::taken(std::span<const WantedId> ids) {
  return guarded([&] { return store_->taken(ids); });
}

bool GuardedStore::maintain(Demand demand) {
  return guarded([&] { return store_->maintain(demand); });
}

std::vector<Complaint> GuardedStore::complaints() const {
  return guarded([&] { return store_->complaints(); });
}

std::optional<std::vector<InstanceRow>> GuardedStore::due_at_once(Time until, std::size_t limit) const {
  return guarded([&] { return store_->due_at_once(until, limit); });
}

Ownership GuardedStore::ownership() const {
  return guarded([&] { return store_->ownership(); });
}

std::vector<WorkflowRow> GuardedStore::workflows() const {
  return guarded([&] { return store_->workflows(); });
}

std::vector<VersionRow> GuardedStore::versions(std::int64_t workflow) const {
  return guarded([&] { return store_->versions(workflow); });
}

std::optional<InstanceRow> GuardedStore::find(std::int64_t workflow, const std::string& id) const {
  return guarded([&] { return store_->find(workflow, id); });
}

std::optional<InstanceRow> GuardedStore::row(Key key) const {
  return guarded([&] { return store_->row(key); });
}

std::optional<History> GuardedStore::history(Key key, const HistoryOptions& options) const {
  return guarded([&] { return store_->history(key, options); });
}

std::vector<InstanceRow> GuardedStore::list(const ListQuery& query) const {
  return guarded([&] { return store_->list(query); });
}

std::vector<std::optional<ErrorRecord>> GuardedStore::errors(std::span<const Key> keys) const {
  return guarded([&] { return store_->errors(keys); });
}

std::vector<InstanceRow> GuardedStore::queued(std::int64_t workflow, Key after, std::size_t limit) const {
  return guarded([&] { return store_->queued(workflow, after, limit); });
}

std::vector<DueRow> GuardedStore::due(const DueRow& after, Time until, std::size_t limit) const {
  return guarded([&] { return store_->due(after, until, limit); });
}

}  // namespace cairn::engine
