#include "storage/sqlite/due.hpp"
#include "storage/sqlite/queries.hpp"
#include "storage/sqlite/reads.hpp"
#include "storage/sqlite/rows.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace cairn::sqlite {
namespace {

constexpr auto least = std::numeric_limits<std::int64_t>::min();
constexpr auto most = std::numeric_limits<std::int64_t>::max();

// Rows with one stored status whose epoch lies within bounds: a range of the index by status.
struct StoredRange {
  Status status;
  std::int64_t first_epoch;
  std::int64_t last_epoch;
};

// The ranges whose rows have the effective status `wanted`: every stored status, split where the owner's
// epoch begins.
std::vector<StoredRange> ranges_of(Status wanted, std::int64_t epoch) {
  constexpr std::array all{
      Status::queued,   Status::running,           Status::paused,  Status::errored,     Status::terminated,
      Status::complete, Status::waiting_for_pause, Status::waiting, Status::rolling_back};
  std::vector<StoredRange> ranges;
  for (const Status stored : all) {
    const bool now = effective_status(stored, epoch, epoch) == wanted;
    const bool before = effective_status(stored, epoch - 1, epoch) == wanted;
    if (now || before) ranges.push_back({stored, before ? least : epoch, now ? most : epoch - 1});
  }
  return ranges;
}

// One question, asked of several ranges of the table whose answers are merged by key.
class Listing {
 public:
  Listing(Connection& connection, const Sight& sight, const ListQuery& query)
      : connection_{connection}, view_{connection, sight}, query_{query} {}

  std::vector<InstanceRow> run() {
    if (!query_.workflow && !query_.status) {
      read_all();
      return std::move(rows_);
    }
    for (const std::int64_t workflow : workflows()) {
      for (const StoredRange& range : ranges()) read_range(workflow, range);
    }
    merge();
    return std::move(rows_);
  }

 private:
  [[nodiscard]] Key after() const { return query_.after.value_or(query_.newest_first ? most : least); }
  [[nodiscard]] std::int64_t created_from() const {
    return query_.created_from ? query_.created_from->time_since_epoch().count() : least;
  }
  [[nodiscard]] std::int64_t created_to() const {
    return query_.created_to ? query_.created_to->time_since_epoch().count() : most;
  }

  std::vector<std::int64_t> workflows() {
    if (query_.workflow) return {*query_.workflow};
    std::vector<std::int64_t> all;
    for (const WorkflowRow& row : read_workflows(connection_)) all.push_back(row.workflow);
    return all;
  }

  [[nodiscard]] std::vector<StoredRange> ranges() const {
    if (query_.status) return ranges_of(*query_.status, view_.epoch());
    std::vector<StoredRange> all;
    for (int status = 0; status <= static_cast<int>(Status::rolling_back); ++status) {
      all.push_back({static_cast<Status>(status), least, most});
    }
    return all;
  }

  void read_all() {
    const char* sql = query_.newest_first ? queries::list_newest_first : queries::list_oldest_first;
    read(connection_.use(sql, after(), created_from(), created_to(), query_.limit));
  }

  void read_range(std::int64_t workflow, const StoredRange& range) {
    const char* sql = query_.newest_first ? queries::list_status_newest_first
                                          : queries::list_status_oldest_first;
    read(connection_.use(sql, after(), created_from(), created_to(), query_.limit, workflow, range.status,
                         range.first_epoch, range.last_epoch));
  }

  void read(Use&& query) {
    while (query.step()) rows_.push_back(read_instance(query, view_).row);
  }

  void merge() {
    if (query_.newest_first) {
      std::ranges::sort(rows_, std::greater{}, &InstanceRow::key);
    } else {
      std::ranges::sort(rows_, std::less{}, &InstanceRow::key);
    }
    if (rows_.size() > query_.limit) rows_.resize(query_.limit);
  }

  Connection& connection_;
  View view_;
  const ListQuery& query_;
  std::vector<InstanceRow> rows_;
};

}  // namespace

std::vector<InstanceRow> list_instances(Connection& connection, const Sight& sight, const ListQuery& query) {
  if (query.limit == 0) return {};
  const Snapshot snapshot{connection};
  return Listing{connection, sight, query}.run();
}

ListQuery queued_query(std::int64_t workflow, Key after, std::size_t limit) {
  ListQuery query;
  query.workflow = workflow;
  query.status = Status::queued;
  query.after = after;
  query.newest_first = false;
  query.limit = limit;
  return query;
}

std::vector<InstanceRow> read_due_rows(Connection& connection, const Sight& sight, Time until,
                                       std::size_t limit) {
  std::vector<InstanceRow> rows;
  for (const DueRow& due : read_due(connection, sight, {}, until, limit)) {
    std::optional<InstanceRow> found = read_row(connection, sight, due.key);
    if (found && found->wake_at == due.wake_at) rows.push_back(*std::move(found));
  }
  return rows;
}

}  // namespace cairn::sqlite
