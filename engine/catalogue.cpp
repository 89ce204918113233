#include "engine/catalogue.hpp"

#include <algorithm>
#include <utility>

namespace cairn::engine {

bool Catalogue::is_defined(const std::string& name, const std::string& version) const {
  const auto found = definitions_.find(name);
  if (found == definitions_.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(),
                     [&](const auto& definition) { return definition->options.version == version; });
}

Catalogue::Reservation::Reservation(Catalogue& catalogue, std::string name, std::string version)
    : catalogue_(catalogue), version_(std::move(name), std::move(version)) {
  const std::unique_lock lock{catalogue_.mutex_};
  if (catalogue_.is_defined(version_.first, version_.second) ||
      !catalogue_.reserved_.insert(version_).second) {
    throw Error{Errc::workflow_conflict, "workflow \"" + version_.first + "\": version \"" + version_.second +
                                             "\" is defined already"};
  }
}

Catalogue::Reservation::~Reservation() {
  const std::unique_lock lock{catalogue_.mutex_};
  catalogue_.reserved_.erase(version_);
}

void Catalogue::add(const std::shared_ptr<const detail::Definition>& definition,
                    const std::vector<std::int64_t>& versions) {
  const std::unique_lock lock{mutex_};
  names_[definition->version] = {definition->name, definition->workflow_id, definition->options.version,
                                 definition->version_id};
  versions_.insert(versions.begin(), versions.end());
  // Last, since it is what counts; and no name stays that has no definition.
  const auto [entry, is_new] = definitions_.try_emplace(definition->name);
  try {
    entry->second.push_back(definition);
  } catch (...) {
    if (is_new) definitions_.erase(entry);
    throw;
  }
}

bool Catalogue::runs(std::int64_t version) const {
  const std::unique_lock lock{mutex_};
  return versions_.contains(version);
}

std::shared_ptr<const detail::Definition> Catalogue::find(std::string_view name) const {
  const std::unique_lock lock{mutex_};
  const auto found = definitions_.find(name);
  return found == definitions_.end() ? nullptr : found->second.back();
}

std::shared_ptr<const detail::Definition> Catalogue::newest(std::int64_t workflow) const {
  const std::unique_lock lock{mutex_};
  for (const auto& [name, versions] : definitions_) {
    if (versions.back()->workflow == workflow) return versions.back();
  }
  return nullptr;
}

std::vector<WorkflowSummary> Catalogue::list() const {
  const std::unique_lock lock{mutex_};
  std::vector<WorkflowSummary> all;
  for (const auto& [name, versions] : definitions_) {
    const detail::Definition& latest = *versions.back();
    all.push_back({name, latest.workflow_id, latest.options.version, latest.version_id});
  }
  return all;
}

Catalogue::Definitions Catalogue::take_all() {
  const std::unique_lock lock{mutex_};
  return std::exchange(definitions_, {});
}

std::optional<Catalogue::Names> Catalogue::cached(std::int64_t version) const {
  const std::unique_lock lock{mutex_};
  const auto found = names_.find(version);
  if (found == names_.end()) return std::nullopt;
  return found->second;
}

Catalogue::Names Catalogue::names(std::int64_t workflow, std::int64_t version) const {
  if (std::optional<Names> known = cached(version)) return *std::move(known);
  for (const WorkflowRow& row : store_.workflows()) {
    if (row.workflow != workflow) continue;
    for (const VersionRow& each : store_.versions(workflow)) {
      const std::unique_lock lock{mutex_};
      names_.try_emplace(each.version, Names{row.name, row.workflow_id, each.tag, each.version_id});
    }
  }
  return cached(version).value_or(Names{});
}

}  // namespace cairn::engine
