#include "benchmarks/ended_instances.hpp"

#include "benchmarks/database.hpp"

#include <algorithm>
#include <array>

namespace cairn::benchmarks {
namespace {

constexpr std::size_t rows_in_transaction = 100'000;

// The rows of the next transaction. Times rise by a millisecond an instance and end before the file's last
// group; ids are UUIDv7 of those times.
constexpr char set_up[] = R"(
  CREATE TEMP TABLE fresh (
    key      INTEGER PRIMARY KEY,
    workflow INTEGER,
    version  INTEGER,
    id       TEXT,
    created  INTEGER
  );
  CREATE TEMP TABLE base AS SELECT last_time - 100000000 AS time FROM owner;
)";

constexpr char choose[] = R"(
  WITH RECURSIVE
    defined AS (SELECT workflow, version, row_number() OVER (ORDER BY version) - 1 AS number FROM version),
    keys (key) AS (SELECT next_key FROM owner UNION ALL SELECT key + 1 FROM keys LIMIT ?1)
  INSERT INTO fresh
  SELECT key, workflow, version,
         printf('%08x-%04x-7%03x-8%03x-%012x', (time + key) >> 16, (time + key) & 65535, key & 4095,
                random() & 4095, random() & 281474976710655),
         time + key
  FROM keys CROSS JOIN base CROSS JOIN defined ON number = key % (SELECT count(*) FROM version))";

constexpr std::array inserts{
    R"(INSERT INTO instance (key, workflow, version, id, status, run, epoch, created, modified, retention_success,
                             started, ended, expires)
       SELECT key, workflow, version, id, 5, 1, epoch, created, created + 2, 2592000000, created, created + 2,
              created + 2592000002
       FROM fresh CROSS JOIN owner)",
    "INSERT INTO params SELECT key, '\"' || printf('%.*c', 98, 'p') || '\"' FROM fresh",
    "INSERT INTO output (key, output) SELECT key, 'null' FROM fresh",
    R"(INSERT INTO step (id, kind, name, count, started, attempt, attempt_started, due_fixed, ended_seq, ended, output)
       SELECT key << 24 | 1, 0, 'step', 1, created, 1, created, 0, 2, created + 1, '1' FROM fresh)",
    "UPDATE owner SET next_key = (SELECT max(key) + 1 FROM fresh)",
    "DELETE FROM fresh",
};

}  // namespace

void add_ended_instances(const std::filesystem::path& file, std::size_t count) {
  Database database{file, set_up};
  const auto chosen = database.prepare(choose);
  for (std::size_t done = 0; done < count; done += rows_in_transaction) {
    Database::bind(chosen, 1, static_cast<long long>(std::min(rows_in_transaction, count - done)));
    database.begin();
    database.run(chosen);
    for (const char* insert : inserts) database.execute(insert);
    database.commit();
  }
  database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

}  // namespace cairn::benchmarks
