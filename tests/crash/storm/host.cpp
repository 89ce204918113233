// The program that the storm kills. Usage: storm_host FOLDER LIFE SEED [POINT:VISIT | count | end]
//
// A handful of clients ask one engine for things at the same time; the journal says what they asked for and
// what they were told, the ledger what bodies did. It kills itself at the point; or counts its visits of each
// point, and writes them down; or brings all instances to an end.

#include "storage/sqlite/store.hpp"
#include "tests/crash/death.hpp"
#include "tests/crash/ledger.hpp"
#include "tests/crash/storm/client.hpp"
#include "tests/crash/storm/journal.hpp"
#include "tests/crash/storm/mortal_calls.hpp"
#include "tests/crash/storm/mortal_vfs.hpp"
#include "tests/crash/storm/scene.hpp"
#include "tests/crash/storm/workflows.hpp"

#include <cairn/cairn.hpp>

#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;

constexpr int clients = 6;
constexpr int acts_each = 10;

struct Plan {
  std::filesystem::path folder;
  int life = 0;
  std::uint64_t seed = 0;
  std::string then = {};
};

sqlite::FileOptions file_options(const std::string& vfs) {
  // Logs that are soon moved and soon cut, so that a short life sees both.
  return {.sqlite = {.lock_wait = 10s, .wal_bytes_max = std::size_t{256} << 10, .audit_trail = true},
          .vfs = vfs,
          .checkpoint_bytes = std::size_t{96} << 10};
}

class StormHost {
 public:
  StormHost(const Plan& plan, Death& death)
      : plan_{plan},
        death_{death},
        past_{read_journal(plan.folder / "journal")},
        ledger_{plan.folder / "ledger"},
        journal_{plan.folder / "journal"},
        vfs_{death, plan.then.find(".within:") != std::string::npos},
        workflows_{ledger_, death},
        engine_{open(), {.workers = 4, .sweep_interval = 2ms}} {
    journal_.life(plan.life);
    workflows_.define_all(engine_);
  }

  void run() {
    calls_->recover();
    engine_.start();
    death_.at("host.started");
    {
      std::vector<std::jthread> threads;
      for (int client = 0; client < clients; ++client) threads.emplace_back([this, client] { be(client); });
    }
    if (failure_) std::rethrow_exception(failure_);
    if (!engine_.stop(1min)) throw std::runtime_error("did not come to rest");
    death_.at("host.stopped");
  }

 private:
  std::unique_ptr<Store> open() {
    const Scene scene{"opening"};
    death_.at("opening.before");
    auto store = std::make_unique<sqlite::SqliteStore>(plan_.folder / "state.db", file_options(vfs_.name()));
    death_.at("opening.after");
    auto calls = std::make_unique<MortalCalls>(std::move(store), death_);
    calls_ = calls.get();
    return calls;
  }

  void be(int number) {
    try {
      const auto seed = plan_.seed * clients + static_cast<std::uint64_t>(number);
      StormClient client{engine_, journal_, death_, number, plan_.life, seed, past_};
      if (plan_.then == "end") return client.bring_to_an_end();
      client.run(acts_each);
    } catch (...) {
      const std::lock_guard lock{failure_mutex_};
      failure_ = std::current_exception();
    }
  }

  const Plan& plan_;
  Death& death_;
  const std::vector<Act> past_;
  AppendOnlyFile ledger_;
  Journal journal_;
  MortalVfs vfs_;
  StormWorkflows workflows_;
  MortalCalls* calls_ = nullptr;
  Engine engine_;
  std::mutex failure_mutex_;
  std::exception_ptr failure_;
};

void run(const Plan& plan) {
  const bool dies = plan.then.find(':') != std::string::npos;
  Death death = dies ? Death{plan.then} : Death{};
  if (plan.then == "count") death.count_visits();
  {
    const Scene scene{"closing"};  // of this thread, at the end
    StormHost host{plan, death};
    host.run();
  }
  if (plan.then != "count") return;
  std::ofstream counts{plan.folder / "points"};
  for (const auto& [point, visits] : death.visits()) counts << point << ' ' << visits << '\n';
}

}  // namespace
}  // namespace cairn::testing

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> words(argv + 1, argv + argc);
    cairn::testing::run({.folder = words.at(0),
                         .life = std::stoi(words.at(1)),
                         .seed = std::stoull(words.at(2)),
                         .then = words.size() > 3 ? words[3] : ""});
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "storm_host: " << error.what() << '\n';
    return 1;
  }
}
