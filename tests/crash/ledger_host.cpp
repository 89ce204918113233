// The program that the ledger test kills. Usage: ledger_host FOLDER ROUNDS [POINT:VISIT]
//
// Each round creates two instances of each workflow, in one batch per workflow, and sends the events that
// they wait for. What returned is written into the journal, so that the test knows what was acknowledged. At
// the end every instance is waited for. Given a point, the program kills itself there.

#include "tests/crash/death.hpp"
#include "tests/crash/ledger.hpp"
#include "tests/crash/ledger_workflows.hpp"

#include <cairn/cairn.hpp>

#include <exception>
#include <filesystem>
#include <iostream>
#include <set>
#include <string>
#include <vector>

namespace cairn::testing {
namespace {

class LedgerHost {
 public:
  LedgerHost(const std::filesystem::path& folder, Death& death)
      : death_{death},
        ledger_{folder / "ledger"},
        journal_{folder / "journal"},
        workflows_{ledger_, death},
        engine_{std::make_unique<MortalStore>(open_sqlite(folder / "state.db"), death), {.workers = 4}} {
    for (std::string& line : read_appended(folder / "journal")) acknowledged_.insert(std::move(line));
    death_.at("opened");
    workflows_.define_all(engine_);
    death_.at("defined");
  }

  void run(int rounds) {
    engine_.start();
    death_.at("started");
    for (int round = 0; round < rounds; ++round) {
      for (const std::string& workflow : LedgerWorkflows::names()) create(workflow, round);
      for (const std::string& id : ids("signal", round)) send(id);
    }
    for (int round = 0; round < rounds; ++round) {
      for (const std::string& workflow : LedgerWorkflows::names()) check_outputs(workflow, round);
    }
    death_.at("before_stop");
    if (!engine_.stop(std::chrono::minutes{1})) throw std::runtime_error("did not come to rest");
    death_.at("after_stop");
  }

 private:
  static std::vector<std::string> ids(const std::string& workflow, int round) {
    const std::string prefix = workflow + "-" + std::to_string(round) + "-";
    return {prefix + "a", prefix + "b"};
  }

  // Also what was acknowledged in the round before is asked for again: it must create nothing twice.
  void create(const std::string& workflow, int round) {
    const std::string line = "batch " + workflow + " " + std::to_string(round);
    const std::string next = "batch " + workflow + " " + std::to_string(round + 1);
    if (acknowledged_.contains(line) && acknowledged_.contains(next)) return;
    std::vector<NewInstance<json>> batch;
    for (const std::string& id : ids(workflow, round)) batch.push_back({.id = id, .params = round});
    death_.at("before_batch");
    const BatchResult result = engine_.workflow(workflow).create_batch(std::move(batch));
    death_.at("after_batch");
    if (acknowledged_.contains(line) && !result.created.empty()) {
      throw std::runtime_error(line + " was acknowledged, and is created again");
    }
    if (!result.created.empty() && !result.skipped.empty()) {
      throw std::runtime_error(line + " was created in part");
    }
    journal_.append(line, true);
    death_.at("after_acknowledgement");
  }

  void send(const std::string& id) {
    const std::string line = "event " + id;
    if (acknowledged_.contains(line)) return;
    try {
      engine_.workflow("signal").get(id).send_event("go", {{"more", 11}});
    } catch (const Error& error) {
      // It was sent by a program that died before it could write that down.
      if (error.code() != Errc::cannot_send_event) throw;
    }
    death_.at("event_sent");
    journal_.append(line, true);
  }

  void check_outputs(const std::string& workflow, int round) {
    for (const std::string& id : ids(workflow, round)) {
      const json output = engine_.workflow(workflow).get(id).wait();
      if (output != LedgerWorkflows::expected_output(workflow, round)) {
        throw std::runtime_error(id + " ended with " + output.dump());
      }
    }
  }

  Death& death_;
  AppendOnlyFile ledger_;
  AppendOnlyFile journal_;
  std::set<std::string> acknowledged_;
  LedgerWorkflows workflows_;
  Engine engine_;
};

}  // namespace
}  // namespace cairn::testing

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    cairn::testing::Death death = arguments.size() > 2 ? cairn::testing::Death{arguments[2]}
                                                       : cairn::testing::Death{};
    cairn::testing::LedgerHost{arguments.at(0), death}.run(std::stoi(arguments.at(1)));
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "ledger_host: " << error.what() << '\n';
    return 1;
  }
}
