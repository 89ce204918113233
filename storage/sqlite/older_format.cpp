#include "storage/sqlite/older_format.hpp"

namespace cairn::sqlite {
namespace {

constexpr char without_clocks[] = R"(
  CREATE TEMP VIEW instance AS SELECT *, 0 AS clock FROM main.instance;
  CREATE TEMP VIEW step AS SELECT *, 0 AS clock FROM main.step;
  CREATE TEMP TABLE leap (first INTEGER PRIMARY KEY, last, moved, least))";

}  // namespace

void see_as_newest(Connection& connection) {
  constexpr std::int64_t first_with_clocks = 2;
  if (connection.pragma("user_version") >= first_with_clocks) return;
  connection.execute("PRAGMA query_only = OFF");  // the connection is read-only, but for what is temporary
  connection.execute(without_clocks);
  connection.execute("PRAGMA query_only = ON");
}

}  // namespace cairn::sqlite
