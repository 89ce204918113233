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

constexpr char insert_row[] = R"(
  INSERT INTO instance (workflow, id, status, version_id, params, created, success_retention, error_retention)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING)";

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

Yardstick::Yardstick(const std::filesystem::path& file)
    : database_{file, schema}, insert_{database_.prepare(insert_row)} {}

void Yardstick::insert(const std::vector<std::string>& ids, std::string_view params) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto created = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  database_.begin();
  for (const std::string& id : ids) {
    Database::bind(insert_, 1, 1);
    Database::bind(insert_, 2, id);
    Database::bind(insert_, 3, 0);
    Database::bind(insert_, 4, version_id);
    Database::bind(insert_, 5, params);
    Database::bind(insert_, 6, created);
    Database::bind(insert_, 7, success_retention);
    Database::bind(insert_, 8, error_retention);
    database_.run(insert_);
  }
  database_.commit();
}

}  // namespace cairn::benchmarks
