// The power fails after every operation on a file, and takes what was not flushed in eleven ways.
//
// Each operation of the table is recorded once, with everything that went to disk. Then every state that a
// disk can be in when the power fails at operation k is made, opened by the next owner, and looked at: it
// must hold exactly the groups that were acknowledged, or one more that was being written, and be sound.

#include "storage/sqlite/store.hpp"
#include "tests/faults/disk.hpp"
#include "tests/faults/table_dump.hpp"
#include "tests/faults/world.hpp"
#include "tests/storage/store_fixture.hpp"

#include <cairn/check.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <set>
#include <string>

namespace cairn::testing {
namespace {

constexpr const char* name = "store.db";

sqlite::FileOptions file_options(std::string vfs = {}) {
  // Small pages and a log that is soon moved: more boundaries in fewer bytes.
  return {.vfs = std::move(vfs),
          .checkpoint_bytes = std::size_t{24} << 10,
          .page_bytes = 512,
          .background_checkpoints = false};
}

// What happened, and what the file held after each acknowledged group, by the number of the group.
struct Recording {
  std::vector<DiskOperation> operations;
  std::map<std::int64_t, std::string> contents;
};

Recording record(const std::function<void(World&)>& run) {
  const Folder folder;
  CountingVfs vfs;
  vfs.skip_syncs();  // what is flushed is known without waiting for it
  DiskLog log{vfs};
  Recording recording;
  {
    World world{
        [&] { return std::make_unique<sqlite::SqliteStore>(folder / name, file_options(vfs.name())); }};
    const auto note = [&] {
      const std::int64_t group = world.store().ownership().commit_seq;
      log.acknowledge(group);
      recording.contents.try_emplace(group, dump_tables(folder / name));
    };
    note();
    world.on_durable(note);
    run(world);
  }
  recording.operations = log.operations();
  return recording;
}

class PowerLoss {
 public:
  explicit PowerLoss(const Recording& recording, unsigned seed) : recording_{recording}, random_{seed} {}

  void fail_everywhere() {
    for (const DiskOperation& operation : recording_.operations) {
      disk_.carry_out(operation);
      if (operation.kind == DiskOperation::Kind::acknowledge) acknowledged_ = operation.at;
      for (const Loss loss : all_losses) {
        fail(loss);
        if (::testing::Test::HasFailure()) return;
        if (!disk_.holds_back()) break;  // the other losses take nothing either
      }
      ++at_;
    }
  }

  [[nodiscard]] std::size_t states() const { return states_; }

 private:
  void fail(Loss loss) {
    const Image image = disk_.after(loss, random_);
    std::string whole = std::to_string(acknowledged_);
    for (const auto& [file, bytes] : image) whole += file + bytes;
    if (!seen_.insert(std::hash<std::string>{}(whole)).second) return;
    if (seen_.size() % CAIRN_FAULT_STRIDE != 0) return;
    ++states_;
    SCOPED_TRACE("operation " + std::to_string(at_) + ", loss " + std::to_string(static_cast<int>(loss)));
    write_image(image, folder_.path());
    look();
  }

  void look() {
    try {
      const sqlite::SqliteStore store{folder_ / name, file_options()};
      const std::int64_t found = store.ownership().commit_seq;
      EXPECT_GE(found, acknowledged_) << "an acknowledged group is lost";
      EXPECT_LE(found, acknowledged_ + 1);
      const auto expected = recording_.contents.find(found);
      if (expected != recording_.contents.end()) {
        EXPECT_EQ(dump_tables(folder_ / name), expected->second);
      } else {
        EXPECT_LT(found, 1) << "a group that nobody wrote";
      }
    } catch (const std::exception& error) {
      ADD_FAILURE() << "cannot be opened: " << error.what();
      return;
    }
    const CheckReport report = check_file(folder_ / name);
    EXPECT_TRUE(report.sound()) << report.findings.at(0).rule << ": " << report.findings.at(0).what;
  }

  const Recording& recording_;
  std::mt19937 random_;
  Disk disk_;
  Folder folder_;
  std::set<std::size_t> seen_;
  std::size_t states_ = 0;
  std::int64_t acknowledged_ = 0;
  std::size_t at_ = 0;
};

class PowerLossTest : public ::testing::TestWithParam<Operation> {};

INSTANTIATE_TEST_SUITE_P(Operations, PowerLossTest, ::testing::ValuesIn(operations()),
                         [](const auto& one) { return std::string{one.param.name}; });

TEST_P(PowerLossTest, NothingAcknowledgedIsLostAndNothingIsHalf) {
  const Recording recording = record(GetParam().run);
  PowerLoss power{recording, 1};
  power.fail_everywhere();
  std::cout << "power_loss " << GetParam().name << ": " << recording.operations.size() << " operations, "
            << power.states() << " states\n";
  EXPECT_GT(power.states() * CAIRN_FAULT_STRIDE, recording.operations.size());
}

// All operations one after the other in one file, in an order of chance.
class LongPowerLossTest : public ::testing::TestWithParam<unsigned> {};

INSTANTIATE_TEST_SUITE_P(Seeds, LongPowerLossTest, ::testing::Range(1U, 3U));

TEST_P(LongPowerLossTest, NothingAcknowledgedIsLostAndNothingIsHalf) {
  std::vector<Operation> all = operations();
  std::shuffle(all.begin(), all.end(), std::mt19937{GetParam()});
  const Recording recording = record([&](World& world) {
    for (const Operation& operation : all) {
      operation.run(world);
      world.tidy(Demand::busy);
    }
  });
  PowerLoss power{recording, GetParam()};
  power.fail_everywhere();
  std::cout << "power_loss seed " << GetParam() << ": " << recording.operations.size() << " operations, "
            << power.states() << " states\n";
}

}  // namespace
}  // namespace cairn::testing
