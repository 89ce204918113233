#include "storage/sqlite/group.hpp"
#include "storage/sqlite/queries.hpp"

#include <array>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace cairn::sqlite {
namespace {

// Rows that one statement inserts. Measured: one row a statement costs half the rate, and more than 50 gain
// nothing.
constexpr std::array<std::size_t, 3> block_sizes{50, 10, 1};

// A row that breaks a rule of its table, which is a fault of ours, rolls the whole group back, as any failure
// of SQLite does in the end. Left to abort the statement alone, SQLite would keep a copy of every page that
// the statement writes: measured, a fifth of the rate.
//
// The values ?1 to ?8 are shared by a block: workflow, version, epoch, now, the key of its first row, status,
// start and clock. Three follow for each row: id and both retentions. Rows whose id is taken are left out;
// the number of changes tells.
std::string insert_instances(std::size_t rows) {
  std::string sql =
      "INSERT OR ROLLBACK INTO instance (key, workflow, version, id, status, started, run, epoch, created, "
      "modified, clock, retention_success, retention_error) VALUES ";
  for (std::size_t row = 0; row < rows; ++row) {
    const auto value = [&](std::size_t column) { return "?" + std::to_string(9 + 3 * row + column); };
    sql += (row == 0 ? "(?5+" : ",(?5+") + std::to_string(row) + ",?1,?2," + value(0) +
           ",?6,?7,1,?3,?4,?4,?8," + value(1) + "," + value(2) + ")";
  }
  return sql + " ON CONFLICT DO NOTHING";
}

// ?1 is the key of the block's first row.
std::string insert_params(std::size_t rows) {
  std::string sql = "INSERT OR ROLLBACK INTO params (key, params) VALUES ";
  for (std::size_t row = 0; row < rows; ++row) {
    sql += (row == 0 ? "(?1+" : ",(?1+") + std::to_string(row) + ",?" + std::to_string(2 + row) + ")";
  }
  return sql;
}

// The statements for blocks of one size; made once, and found again by their address.
struct BlockSql {
  explicit BlockSql(std::size_t rows) : instances{insert_instances(rows)}, params{insert_params(rows)} {}
  std::string instances;
  std::string params;
};

const BlockSql& block_sql(std::size_t size_index) {
  static const std::array<BlockSql, block_sizes.size()> all{
      BlockSql{block_sizes[0]}, BlockSql{block_sizes[1]}, BlockSql{block_sizes[2]}};
  return all[size_index];
}

class Creating {
 public:
  Creating(Group& group, const CreateBatch& batch) : group_{group}, batch_{batch} {}

  Created run() {
    insert(0, batch_.begun);
    insert(batch_.begun, batch_.rows.size());
    if (!created_.conflicts.empty() && batch_.on_conflict == OnConflict::fail) take_back();
    if (!created_.refused) group_.next_key = key_of(batch_.rows.size());
    return std::move(created_);
  }

 private:
  [[nodiscard]] Key key_of(std::size_t index) const { return batch_.first_key + static_cast<Key>(index); }

  // Rows that have the same status.
  void insert(std::size_t begin, std::size_t end) {
    for (std::size_t size_index = 0; size_index < block_sizes.size(); ++size_index) {
      for (; end - begin >= block_sizes[size_index]; begin += block_sizes[size_index])
        insert_block(begin, size_index);
    }
  }

  void insert_block(std::size_t begin, std::size_t size_index) {
    const std::size_t size = block_sizes[size_index];
    const BlockSql& sql = block_sql(size_index);
    const bool begun = begin < batch_.begun;
    const Status status = begun ? Status::running : Status::queued;
    std::optional<Time> started;
    if (begun) started = group_.now;
    Use instances = group_.connection.use(sql.instances.c_str(), batch_.workflow, batch_.version,
                                          group_.epoch, group_.now, key_of(begin), status, started,
                                          group_.clocks.number());
    int value = 8;
    for (std::size_t index = begin; index < begin + size; ++index) {
      const NewRow& row = batch_.rows[index];
      instances.bind_at(++value, row.id);
      instances.bind_at(++value, row.retention.success);
      instances.bind_at(++value, row.retention.error);
    }
    if (static_cast<std::size_t>(instances.run()) < size) {
      sort_out(begin, begin + size);
      return;
    }
    Use params = group_.connection.use(sql.params.c_str(), key_of(begin));
    value = 1;
    for (std::size_t index = begin; index < begin + size; ++index)
      params.bind_at(++value, batch_.rows[index].params);
    params.run();
    for (std::size_t index = begin; begun && index < begin + size; ++index) remember(index);
  }

  // One that has begun is changed again in this group.
  void remember(std::size_t index) {
    const NewRow& row = batch_.rows[index];
    InstanceRow made{.key = key_of(index),
                     .workflow = batch_.workflow,
                     .version = batch_.version,
                     .id = row.id,
                     .status = Status::running};
    made.created = made.modified = group_.now;
    made.started = group_.now;
    made.retention = row.retention;
    group_.instances.add({std::move(made), 0, group_.clocks.number()}).last_started = 0;
  }

  // The block came short: finds out which rows were made, and why the others were not.
  void sort_out(std::size_t begin, std::size_t end) {
    const std::set<Key> made = keys_between(key_of(begin), key_of(end - 1));
    for (std::size_t index = begin; index < end; ++index) {
      const NewRow& row = batch_.rows[index];
      if (made.contains(key_of(index))) {
        group_.connection.run(queries::add_params, key_of(index), row.params);
      } else {
        const Key holder = group_.connection.number(queries::key_by_id, batch_.workflow, row.id);
        const bool earlier_in_batch = holder >= batch_.first_key;
        created_.conflicts.push_back(
            {index, earlier_in_batch ? Errc::duplicate_in_batch : Errc::instance_already_exists});
      }
    }
  }

  [[nodiscard]] std::set<Key> keys_between(Key first, Key last) {
    std::set<Key> keys;
    Use query = group_.connection.use(queries::keys_between, first, last);
    for (Key key = 0; query.step(); keys.insert(key)) query.read(key);
    return keys;
  }

  // Conflicts are known only after the inserts; within the transaction nobody has seen the rows.
  void take_back() {
    const Key last = key_of(batch_.rows.size() - 1);
    group_.connection.run(queries::delete_params, batch_.first_key, last);
    group_.connection.run(queries::delete_instances, batch_.first_key, last);
    for (std::size_t index = 0; index < batch_.begun; ++index) group_.instances.forget(key_of(index));
    created_.refused = true;
  }

  Group& group_;
  const CreateBatch& batch_;
  Created created_;
};

}  // namespace

Outcome carry_out(Group& group, const CreateBatch& change) {
  return Creating{group, change}.run();
}

}  // namespace cairn::sqlite
