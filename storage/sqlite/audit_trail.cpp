#include "storage/sqlite/audit_trail.hpp"

namespace cairn::sqlite {
namespace {

// A migration that makes `instance` anew drops them with the old table, and has to make them again.
//
// The owner's row is the last one that a group writes, so its commit number is still that of the group
// before. A change of the epoch alone is an instance that was left running and begins again: the status that
// its row implies lies between (`effective_status`). Removing is also how a refused batch takes back what it
// made.
constexpr const char* triggers[] = {
    R"(CREATE TRIGGER IF NOT EXISTS transition_created AFTER INSERT ON instance BEGIN
  INSERT INTO transition (instance, number, run, was, became, epoch, commit_seq, time)
  VALUES (new.key, 1, new.run, NULL, new.status, new.epoch, (SELECT commit_seq + 1 FROM owner), new.modified);
END)",
    R"(CREATE TRIGGER IF NOT EXISTS transition_changed AFTER UPDATE OF status, run, epoch ON instance
WHEN old.status <> new.status OR old.run <> new.run OR old.epoch <> new.epoch BEGIN
  INSERT INTO transition (instance, number, run, was, became, epoch, commit_seq, time)
  VALUES (new.key, (SELECT coalesce(max(number), 0) + 1 FROM transition WHERE instance = new.key), new.run,
          old.status, new.status, new.epoch, (SELECT commit_seq + 1 FROM owner), new.modified);
END)",
    R"(CREATE TRIGGER IF NOT EXISTS transition_removed AFTER DELETE ON instance BEGIN
  DELETE FROM transition WHERE instance = old.key;
END)",
};

}  // namespace

void turn_on_audit_trail(Connection& connection) {
  for (const char* trigger : triggers) connection.execute(trigger);
}

}  // namespace cairn::sqlite
