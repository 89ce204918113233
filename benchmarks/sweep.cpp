// How fast are expired instances deleted, and does a create have to wait for it?
//
// 100,000 instances of five steps each have ended and expired. `Engine::sweep` deletes them; beside it, on a
// copy of the file, the statements that a program would write by hand delete them in pieces of the same size.
// Then a file of the same kind is swept while another thread creates instances one by one.

#include "benchmarks/bench.hpp"
#include "benchmarks/counting_store.hpp"
#include "benchmarks/database.hpp"
#include "benchmarks/support.hpp"

#include <cairn/cairn.hpp>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace cairn::benchmarks;

constexpr std::size_t instances = 100'000;
constexpr std::size_t piece = 500;  // as the engine's, when nobody else calls

cairn::Task<void> five_steps(cairn::Context& ctx, std::string /*params*/) {
  for (int number = 0; number < 5; ++number) {
    co_await ctx.step("step", [number] { return number; });
  }
}

cairn::EngineOptions options() {
  cairn::EngineOptions options;
  options.workers = 2;
  options.concurrency = 10'000;
  options.sweep_interval = cairn::Duration{0};
  return options;
}

// Leaves a file in which everything has expired.
void fill(const std::filesystem::path& file) {
  const auto tally = std::make_shared<Tally>();
  cairn::Engine engine{std::make_unique<CountingStore>(cairn::open_sqlite(file), tally), options()};
  auto workflow = engine.define(
      "benchmark", five_steps,
      {.default_retention = {.success = cairn::Duration{1}, .error = cairn::Duration{1}}});
  engine.start();
  const cairn::NewInstance<std::string> entry{.params = std::string(98, 'p')};
  for (std::size_t done = 0; done < instances; done += 10'000) workflow.create_batch({10'000, entry});
  tally->wait_for(instances);
  engine.stop(std::chrono::minutes{1});
}

double sweep(const std::filesystem::path& file) {
  cairn::Engine engine{cairn::open_sqlite(file), options()};
  const Stopwatch watch;
  const cairn::SweepReport report = engine.sweep();
  const double seconds = watch.seconds();
  if (report.instances != instances) throw std::runtime_error{"not everything was swept"};
  return seconds;
}

double delete_by_hand(const std::filesystem::path& file) {
  Database database{file, "PRAGMA wal_autocheckpoint = 4000"};
  database.execute("CREATE TEMP TABLE piece (key INTEGER PRIMARY KEY)");
  const auto choose = database.prepare(
      ("INSERT INTO piece SELECT key FROM instance WHERE expires IS NOT NULL ORDER BY expires, key LIMIT " +
       std::to_string(piece))
          .c_str());
  std::vector<Database::Statement> deletions;
  deletions.push_back(
      database.prepare("DELETE FROM step WHERE id IN (SELECT step.id FROM piece JOIN step ON step.id BETWEEN "
                       "piece.key << 24 AND "
                       "(piece.key << 24) + 16777215)"));
  for (const char* table : {"params", "output", "instance"}) {
    deletions.push_back(database.prepare(
        ("DELETE FROM " + std::string{table} + " WHERE key IN (SELECT key FROM piece)").c_str()));
  }
  deletions.push_back(database.prepare("DELETE FROM piece"));
  const Stopwatch watch;
  for (std::size_t done = 0; done < instances; done += piece) {
    database.begin();
    database.run(choose);
    for (const auto& statement : deletions) database.run(statement);
    database.commit();
  }
  return watch.seconds();
}

// Milliseconds that 99 of 100 creates do not exceed, until `done`, but at least 200 of them.
double create_one_by_one(cairn::Workflow<std::string, void>& workflow, const std::atomic<bool>& done) {
  std::vector<double> waits;
  while (!done || waits.size() < 200) {
    const Stopwatch watch;
    workflow.create({.params = std::string(98, 'p')});
    waits.push_back(watch.seconds());
  }
  return percentile(waits, 0.99) * 1e3;
}

void run_sweep(Trial& trial) {
  fill(trial.folder() / "cairn.db");
  for (const char* copy : {"by-hand.db", "busy.db"}) {
    std::filesystem::copy_file(trial.folder() / "cairn.db", trial.folder() / copy);
  }
  const double ours = sweep(trial.folder() / "cairn.db");
  const double by_hand = delete_by_hand(trial.folder() / "by-hand.db");

  cairn::Engine engine{cairn::open_sqlite(trial.folder() / "busy.db"), options()};
  auto workflow = engine.define("creating", five_steps);
  const double quiet = create_one_by_one(workflow, true);
  std::atomic<bool> swept = false;
  std::jthread sweeper{[&] {
    engine.sweep();
    swept = true;
  }};
  const double busy = create_one_by_one(workflow, swept);

  trial.took(ours);
  trial.record("instances/s", instances / ours);
  trial.record("by hand, instances/s", instances / by_hand);
  trial.record("ratio", by_hand / ours, at_least(0.9));
  trial.record("create p99 when quiet, ms", quiet);
  trial.record("create p99 during a sweep, ms", busy);
  trial.record("create p99 / quiet", busy / quiet, at_most(3));
}

}  // namespace

int main(int argc, char** argv) {
  return run_benchmarks(argc, argv, "sweep", [](Bench& bench) { bench.add("5 steps each", 3, run_sweep); });
}
