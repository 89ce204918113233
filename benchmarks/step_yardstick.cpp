#include "benchmarks/step_yardstick.hpp"

#include <string_view>

namespace cairn::benchmarks {
namespace {

constexpr char schema[] = R"(
  CREATE TABLE instance (
    key      INTEGER PRIMARY KEY,
    workflow INTEGER NOT NULL,
    id       TEXT NOT NULL,
    status   INTEGER NOT NULL,
    created  INTEGER NOT NULL,
    modified INTEGER NOT NULL
  );
  CREATE INDEX by_id ON instance (workflow, id);
  CREATE INDEX by_status ON instance (workflow, status);
  CREATE TABLE params (key INTEGER PRIMARY KEY, params TEXT NOT NULL);
  CREATE TABLE output (key INTEGER PRIMARY KEY, output TEXT NOT NULL);
  CREATE TABLE step (
    step     INTEGER PRIMARY KEY,
    instance INTEGER NOT NULL,
    run      INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    name     TEXT NOT NULL,
    started  INTEGER NOT NULL,
    ended    INTEGER NOT NULL,
    attempt  INTEGER NOT NULL,
    output   TEXT,
    UNIQUE (instance, run, seq)
  );
)";

constexpr long long now = 1'795'421'730'250;
constexpr std::string_view id = "019ab2c4-7c1d-7a57-9e0f-6d2a1c7b9e44";
constexpr long long running = 1;
constexpr long long complete = 3;

}  // namespace

StepYardstick::StepYardstick(const std::filesystem::path& file, std::size_t instances, std::size_t steps)
    : instances_{instances},
      steps_{steps},
      database_{file, schema},
      insert_instance_{database_.prepare("INSERT INTO instance VALUES (?1, 1, ?2, 0, ?3, ?3)")},
      insert_params_{database_.prepare("INSERT INTO params VALUES (?1, '{}')")},
      insert_step_{
          database_.prepare("INSERT INTO step (instance, run, seq, name, started, ended, attempt, output) "
                            "VALUES (?1, 1, ?2, 'step', ?3, ?3, 1, '1')")},
      insert_output_{database_.prepare("INSERT INTO output VALUES (?1, 'null')")},
      update_instance_{database_.prepare("UPDATE instance SET status = ?2, modified = ?3 WHERE key = ?1")} {}

void StepYardstick::create() {
  database_.begin();
  for (std::size_t instance = 0; instance < instances_; ++instance) {
    const auto key = static_cast<long long>(instance);
    Database::bind(insert_instance_, 1, key);
    Database::bind(insert_instance_, 2, id);
    Database::bind(insert_instance_, 3, now);
    database_.run(insert_instance_);
    Database::bind(insert_params_, 1, key);
    database_.run(insert_params_);
  }
  database_.commit();
}

void StepYardstick::write(std::size_t first, std::size_t count) {
  database_.begin();
  for (std::size_t result = first; result < first + count; ++result) write_result(result);
  database_.commit();
}

void StepYardstick::write_result(std::size_t result) {
  const auto key = static_cast<long long>(result % instances_);
  const std::size_t step = result / instances_;
  const bool last = step + 1 == steps_;
  Database::bind(insert_step_, 1, key);
  Database::bind(insert_step_, 2, static_cast<long long>(step));
  Database::bind(insert_step_, 3, now);
  database_.run(insert_step_);
  Database::bind(update_instance_, 1, key);
  Database::bind(update_instance_, 2, last ? complete : running);
  Database::bind(update_instance_, 3, now + static_cast<long long>(step));
  database_.run(update_instance_);
  if (last) {
    Database::bind(insert_output_, 1, key);
    database_.run(insert_output_);
  }
}

}  // namespace cairn::benchmarks
