#include "engine/conductor/concern_list.hpp"

#include <iterator>
#include <utility>

namespace cairn::engine {

void ConcernList::Group::insert(Key key, Instance instance) {
  if (const auto entry = known.find(key); entry != known.end()) erase(entry);
  by_age.emplace(instance.since, key);
  known.emplace(key, std::move(instance));
}

void ConcernList::Group::erase(std::map<Key, Instance>::iterator entry) {
  by_age.erase({entry->second.since, entry->first});
  known.erase(entry);
}

bool ConcernList::add(const Version& version, Key key, Instance instance) {
  const auto [entry, is_new] = groups_.try_emplace(version);
  Group& group = entry->second;
  group.insert(key, std::move(instance));
  if (group.known.size() > known_max) {
    group.erase(std::prev(group.known.end()));
    group.more = true;
  }
  return is_new;
}

std::optional<ConcernList::Version> ConcernList::remove(std::int64_t workflow, Key key) {
  for (auto entry = groups_.lower_bound({workflow, 0}); entry != groups_.end(); ++entry) {
    const Version version = entry->first;
    if (version.first != workflow) return std::nullopt;
    Group& group = entry->second;
    const auto known = group.known.find(key);
    if (known == group.known.end()) continue;
    group.erase(known);
    if (group.known.empty() && !group.more) groups_.erase(entry);
    return version;
  }
  return std::nullopt;
}

void ConcernList::forget(const Version& version) {
  groups_.erase(version);
}

void ConcernList::forget(const Version& version, Key after, Key until) {
  const auto found = groups_.find(version);
  if (found == groups_.end()) return;
  Group& group = found->second;
  for (auto entry = group.known.upper_bound(after); entry != group.known.end() && entry->first <= until;)
    group.erase(entry++);
  if (group.known.empty() && !group.more) groups_.erase(found);
}

void ConcernList::expect_others(const Version& version) {
  const auto found = groups_.find(version);
  if (found == groups_.end()) return;
  found->second.more = false;
  if (found->second.known.empty()) groups_.erase(found);
}

const ConcernList::Group* ConcernList::find(const Version& version) const {
  const auto found = groups_.find(version);
  return found == groups_.end() ? nullptr : &found->second;
}

bool ConcernList::is_full(const Version& version, Key until) const {
  const Group* const group = find(version);
  return group != nullptr && group->more && group->known.size() == known_max &&
         group->known.rbegin()->first <= until;
}

}  // namespace cairn::engine
