#include "storage/sqlite/due.hpp"
#include "storage/sqlite/group.hpp"
#include "storage/sqlite/queries.hpp"

#include <algorithm>
#include <vector>

namespace cairn::sqlite {
namespace {

// Instances that were created together tend to end together. A range is deleted by as many statements as one
// instance.
std::vector<KeyRange> ranges(std::vector<Key> keys) {
  std::sort(keys.begin(), keys.end());
  std::vector<KeyRange> ranges;
  for (const Key key : keys) {
    if (ranges.empty() || ranges.back().last + 1 != key) ranges.push_back({key, key});
    ranges.back().last = key;
  }
  return ranges;
}

}  // namespace

Outcome carry_out(Group& group, const Sweep& change) {
  Swept swept;
  const auto [keys, gave_up] = read_expired(group.connection, group.clocks.leaps(), group.expiry_search,
                                            std::min(group.now, change.until), change.limit);
  for (const Key key : keys) group.instances.forget(key);
  for (const KeyRange range : ranges(keys)) {
    const Forgotten forgotten = forget_runs(group.connection, range);
    group.connection.run(queries::delete_params, range.first, range.last);
    group.connection.run(queries::delete_instances, range.first, range.last);
    swept.steps += forgotten.steps;
    swept.events += forgotten.events;
  }
  swept.instances = keys.size();
  swept.more = gave_up || swept.instances == change.limit;
  return swept;
}

}  // namespace cairn::sqlite
