#include "storage/sqlite/group.hpp"
#include "storage/sqlite/queries.hpp"

#include <sqlite3.h>

namespace cairn::sqlite {
namespace {

void find_or_add_workflow(Group& group, const Define& change, Defined& defined) {
  {
    Use query = group.connection.use(queries::workflow_by_name, change.name);
    if (query.step()) {
      query.read(defined.workflow, defined.workflow_id);
      return;
    }
  }
  group.connection.run(queries::add_workflow, change.name, change.workflow_id, group.now);
  defined.workflow = sqlite3_last_insert_rowid(group.connection.handle());
  defined.workflow_id = change.workflow_id;
}

void find_or_add_version(Group& group, const Define& change, Defined& defined) {
  {
    Use query = group.connection.use(queries::version_by_tag, defined.workflow, change.version);
    if (query.step()) {
      query.read(defined.version, defined.version_id);
      return;
    }
  }
  group.connection.run(queries::add_version, defined.workflow, change.version, change.version_id, group.now);
  defined.version = sqlite3_last_insert_rowid(group.connection.handle());
  defined.version_id = change.version_id;
}

}  // namespace

Outcome carry_out(Group& group, const Define& change) {
  Defined defined;
  find_or_add_workflow(group, change, defined);
  find_or_add_version(group, change, defined);
  return defined;
}

}  // namespace cairn::sqlite
