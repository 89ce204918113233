#include "storage/sqlite/group.hpp"
#include "storage/sqlite/queries.hpp"

#include <vector>

namespace cairn::sqlite {
namespace {

std::vector<Key> expired(Group& group, std::size_t limit) {
  std::vector<Key> keys;
  Use query = group.connection.use(queries::expired, group.now, limit);
  while (query.step()) query.read(keys.emplace_back());
  return keys;
}

}  // namespace

Outcome carry_out(Group& group, const Sweep& change) {
  Swept swept;
  for (const Key key : expired(group, change.limit)) {
    const Forgotten forgotten = forget_run(group.connection, key);
    group.connection.run(queries::delete_params, key);
    group.connection.run(queries::delete_instance, key);
    ++swept.instances;
    swept.steps += forgotten.steps;
    swept.events += forgotten.events;
  }
  swept.more = swept.instances == change.limit;
  return swept;
}

}  // namespace cairn::sqlite
