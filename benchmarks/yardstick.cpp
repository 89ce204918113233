#include "benchmarks/yardstick.hpp"

#include <cairn/duration.hpp>
#include <cairn/id.hpp>
#include <cairn/time.hpp>

#include <chrono>

namespace cairn::benchmarks {
namespace {

constexpr char schema[] = R"(
  CREATE TABLE instance (
    workflow          INTEGER,
    id                TEXT,
    status            INTEGER,
    version_id        TEXT,
    params            TEXT,
    created           INTEGER,
    success_retention INTEGER,
    error_retention   INTEGER,
    expires_at        INTEGER,
    UNIQUE (workflow, id)
  );
  CREATE INDEX by_status ON instance (workflow, status, created);
  CREATE INDEX by_expiry ON instance (expires_at) WHERE expires_at IS NOT NULL;
)";

// ?1 to ?6 are the same for all rows of a statement; two follow for each row: id and params.
std::string insert_rows(std::size_t rows) {
  std::string sql =
      "INSERT INTO instance (workflow, status, version_id, created, success_retention, error_retention, id, "
      "params) VALUES ";
  for (std::size_t row = 0; row < rows; ++row) {
    sql += (row == 0 ? "(" : ", (") + std::string{"?1, ?2, ?3, ?4, ?5, ?6, ?"} + std::to_string(7 + 2 * row) +
           ", ?" + std::to_string(8 + 2 * row) + ")";
  }
  return sql + " ON CONFLICT DO NOTHING";
}

constexpr std::string_view version_id = "0b5e8f0c-3c1d-4a57-9e0f-6d2a1c7b9e44";
constexpr long long success_retention = 30 * 60 * 1'000;
constexpr long long error_retention = 7 * 24 * 60 * 60 * 1'000;

}  // namespace

const std::vector<std::string>& RisingIds::next() {
  const Time now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  for (std::size_t index = 0; index < ids_.size(); ++index) {
    Uuid random;
    for (std::size_t byte = 0; byte < random.size(); ++byte) {
      state_ = state_ * 6364136223846793005U + 1442695040888963407U;
      random[byte] = static_cast<std::uint8_t>(state_ >> 56);
    }
    const Time time = saturating_add(now, Duration{static_cast<std::int64_t>(index >> 12)});
    ids_[index] = make_uuid_v7(time, static_cast<std::uint16_t>(index & 0xfff), random);
  }
  return ids_;
}

Yardstick::Yardstick(const std::filesystem::path& file, std::size_t rows_in_statement)
    : rows_in_statement_{rows_in_statement},
      database_{file, schema},
      insert_one_{database_.prepare(insert_rows(1).c_str())},
      insert_block_{database_.prepare(insert_rows(rows_in_statement).c_str())} {}

void Yardstick::bind_shared(const Database::Statement& statement, long long created) {
  Database::bind(statement, 1, 1);
  Database::bind(statement, 2, 0);
  Database::bind(statement, 3, version_id);
  Database::bind(statement, 4, created);
  Database::bind(statement, 5, success_retention);
  Database::bind(statement, 6, error_retention);
}

void Yardstick::insert(const std::vector<std::string>& ids, std::string_view params) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto created = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  database_.begin();
  for (std::size_t done = 0; done < ids.size();) {
    const bool whole = ids.size() - done >= rows_in_statement_;
    const Database::Statement& statement = whole ? insert_block_ : insert_one_;
    bind_shared(statement, created);
    int index = 7;
    for (const std::size_t end = done + (whole ? rows_in_statement_ : 1); done < end; ++done) {
      Database::bind(statement, index++, ids[done]);
      Database::bind(statement, index++, params);
    }
    database_.run(statement);
  }
  database_.commit();
}

}  // namespace cairn::benchmarks
