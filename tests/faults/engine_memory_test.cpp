// There is no memory, and a whole engine runs: request k fails, or many from then on, on whatever thread.
//
// A program of its own asks an engine for everything once (engine_memory_host.cpp). Whatever becomes of it,
// nobody may have been told what is not so, the file is sound, and the next engine brings all to its end.

#include "tests/counts.hpp"
#include "tests/crash/folder.hpp"
#include "tests/crash/ledger_check.hpp"
#include "tests/crash/storm/runs.hpp"
#include "tests/faults/memory_lives.hpp"
#include "tests/faults/memory_model.hpp"
#include "tests/faults/memory_scene.hpp"

#include <cairn/cairn.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

constexpr std::size_t shards = 2;

// One life of a whole engine takes some 45 ms of a processor.
const std::size_t stride = 12 * fault_stride();

const std::vector<Lack> lacks{
    {.name = "Once", .requests = 1, .stride = stride, .must = {"went on", "caller told"}},
    {.name = "ForAMoment", .requests = 40, .stride = 4 * stride, .must = {"caller told", "engine failed"}},
    {.name = "ForLong", .requests = 3'000, .stride = 8 * stride, .must = {"caller told"}},
};

class EngineMemoryTest : public ::testing::TestWithParam<std::tuple<Lack, std::size_t>> {
 protected:
  /// One life of the host, and the next one without a failure. What has become of the host, in a word.
  std::string live(std::size_t k, std::size_t requests) {
    const Folder folder;
    const std::vector<std::string> command{CAIRN_ENGINE_MEMORY_HOST, folder.path(), std::to_string(k),
                                           std::to_string(requests)};
    std::string became;
    {
      Child host{command, folder / "out", folder / "err"};
      became = become_of(host);
    }
    if (became == "not reached") return became;
    expect_promises_kept(folder);
    if (HasFailure()) {
      for (const std::string& line : read_lines(folder / "err")) std::cout << "  " << line << '\n';
      for (const std::string& line : read_appended(folder / "journal"))
        std::cout << "  journal: " << line << '\n';
    }
    return became;
  }

 private:
  void expect_promises_kept(const Folder& folder) {
    LedgerCheck check;
    const MemoryModel model{read_appended(folder / "journal")};
    const auto look = [&](bool at_the_end) {
      const std::vector<Line> ledger = read_ledger(folder / "ledger");
      const auto [faults, record] = read_remains(folder / "state.db", folder / "aside");
      const Runs runs{ledger, record, [](const std::string& id) { return id == brief_instance; }};
      EXPECT_THAT(faults, IsEmpty());
      EXPECT_THAT(runs.faults(), IsEmpty());
      EXPECT_THAT(check.remember(runs.ledger(), runs.record()), IsEmpty());
      check.forget([](const std::string& name) { return name.starts_with(brief_instance); });
      EXPECT_THAT(compare_bodies(runs.ledger(), runs.record()), IsEmpty());
      EXPECT_THAT(model.faults(record), IsEmpty());
      if (!at_the_end) return;
      EXPECT_THAT(model.unfinished(record), IsEmpty());
      errored_ += model.errored(record);
    };
    look(false);
    bring_to_an_end(folder);
    look(true);
  }

  static void bring_to_an_end(const Folder& folder) {
    PlainFile ledger{folder / "ledger"};
    MemoryWorkflows workflows{ledger};
    Engine engine{open_sqlite(folder / "state.db"), {.workers = 2, .clock = quick_clock(24h)}};
    workflows.define_all(engine);
    engine.start();
    for (const MemoryAct& act : memory_acts()) {
      for (const std::string& id : act.ids) end_one(engine, act.workflow, id);
    }
    EXPECT_TRUE(engine.stop(20s));
  }

  // It may have what it needs already, and end meanwhile.
  static void send(const Instance<json>& instance) {
    try {
      instance.send_event("go", event_of_acts);
    } catch (const Error& error) {
      if (error.code() != Errc::cannot_send_event) throw;
    }
  }

  static void end_one(Engine& engine, std::string_view workflow, const std::string& id) {
    try {
      const auto instance = engine.workflow(workflow).find(id);
      if (!instance || is_finished(instance->status())) return;
      const Status status = instance->status();
      if (status == Status::paused || status == Status::waiting_for_pause) instance->resume();
      if (workflow == "ask") send(*instance);
      instance->wait_for(20s);
    } catch (const InstanceError& error) {
      // Whether it may end so, the model says.
    } catch (const Error& error) {
      if (id != brief_instance) ADD_FAILURE() << id << ": " << error.what();
    }
  }

 protected:
  std::size_t errored_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Lacks, EngineMemoryTest,
                         ::testing::Combine(::testing::ValuesIn(lacks),
                                            ::testing::Range(std::size_t{0}, shards)),
                         [](const auto& one) {
                           return std::get<0>(one.param).name + "Part" +
                                  std::to_string(std::get<1>(one.param));
                         });

TEST_P(EngineMemoryTest, WhatWasToldIsTrueAndTheNextEngineEndsAll) {
  const auto& [lack, shard] = GetParam();
  try_each(lack, shard, shards, [&, requests = lack.requests](std::size_t k) { return live(k, requests); });
  if (errored_ > 0) tell_count("instances ended by it", errored_);
  EXPECT_TRUE(errored_ == 0 || lack.requests > 1) << "code that finds no memory once goes on";
}

}  // namespace
}  // namespace cairn::testing
