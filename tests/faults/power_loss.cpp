#include "tests/faults/power_loss.hpp"

#include "tests/faults/small_file.hpp"
#include "tests/faults/table_dump.hpp"

#include <cairn/check.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <iterator>
#include <numeric>

namespace cairn::testing {

namespace {

bool has_failed() {
  return ::testing::Test::HasFailure();
}

}  // namespace

void PowerLoss::carry_out(std::size_t index) {
  const DiskOperation& operation = recording_.operations[index];
  disk_.carry_out(operation);
  if (operation.kind == DiskOperation::Kind::acknowledge) acknowledged_ = operation.at;
  at_ = index;
}

void PowerLoss::fail_everywhere(std::span<const Loss> losses, std::size_t from, std::size_t draws) {
  for (std::size_t index = 0; index < recording_.operations.size(); ++index) {
    carry_out(index);
    if (index < from) continue;
    // A state that two kinds of loss lead to counts for that which comes first: each in its turn.
    for (std::size_t number = 0; number < losses.size(); ++number) {
      const Loss loss = losses[(index + number) % losses.size()];
      for (std::size_t draw = 0; draw < (is_random(loss) ? draws : 1); ++draw) fail(loss);
      if (has_failed()) return;
    }
  }
}

void PowerLoss::fail_in_turn(std::size_t from, std::size_t losses_each) {
  for (std::size_t index = 0; index < recording_.operations.size(); ++index) {
    carry_out(index);
    if (index < from) continue;
    for (std::size_t loss = 0; loss < losses_each; ++loss) fail(next_loss());
    if (has_failed()) return;
  }
}

void PowerLoss::fail_again(std::size_t stride) {
  for (std::size_t index = 0; index < recording_.operations.size(); ++index) {
    carry_out(index);
    if (is_about_to_flush_the_log(index)) {
      fail_in_recovery(Loss::nothing);
    } else if (index % stride == 0) {
      fail_in_recovery(next_loss());
    }
    if (has_failed()) return;
  }
}

// A group is in the log then, and not on disk.
bool PowerLoss::is_about_to_flush_the_log(std::size_t index) const {
  if (index + 1 >= recording_.operations.size()) return false;
  const DiskOperation& next = recording_.operations[index + 1];
  return next.kind == DiskOperation::Kind::sync && next.file.ends_with("-wal");
}

// Whoever has opened a file has seen what is in it; from then on that must stay.
void PowerLoss::fail_in_recovery(Loss first) {
  const Image image = disk_.after(first, random_);
  if (!is_new(image)) return;
  SCOPED_TRACE("after " + std::string{to_string(first)} + " at operation " + std::to_string(at_));
  const std::int64_t acknowledged = acknowledged_;
  Disk disk = disk_;
  // Where only the program died, what was not flushed then is still not flushed.
  if (first != Loss::nothing) disk_ = Disk{image};
  for (const DiskOperation& operation : record_recovery(image).operations) {
    disk_.carry_out(operation);
    if (operation.kind == DiskOperation::Kind::acknowledge) {
      acknowledged_ = operation.at;
      for (const Loss loss : all_losses) fail(loss);
    } else {
      fail(next_loss());
    }
    if (has_failed()) return;
  }
  disk_ = std::move(disk);
  acknowledged_ = acknowledged;
}

bool PowerLoss::is_new(const Image& image) {
  std::string whole = std::to_string(acknowledged_);
  for (const auto& [file, bytes] : image) whole += file + bytes;
  return seen_.insert(std::hash<std::string>{}(whole)).second;
}

Loss PowerLoss::next_loss() {
  return all_losses[turn_++ % std::size(all_losses)];
}

void PowerLoss::fail(Loss loss) {
  const Image image = disk_.after(loss, random_);
  if (!is_new(image) || found_[loss]++ % stride_ != 0) return;
  ++states_[loss];
  SCOPED_TRACE("operation " + std::to_string(at_) + ", loss " + std::string{to_string(loss)});
  look(image);
}

void PowerLoss::look(const Image& image) {
  write_image(image, folder_.path());
  const std::filesystem::path file = folder_ / recorded_file;
  std::int64_t found = 0;
  try {
    // SQLite's own, without the files and system calls that share an index with other processes.
    found = sqlite::SqliteStore{file, small_file("unix-excl")}.ownership().commit_seq;
  } catch (const std::exception& error) {
    ADD_FAILURE() << "cannot be opened: " << error.what();
    return;
  }
  EXPECT_GE(found, acknowledged_) << "an acknowledged group is lost";
  EXPECT_LE(found, acknowledged_ + 1);
  const Tables tables = read_tables(file);
  EXPECT_EQ(tables.integrity, "ok");
  const auto expected = recording_.contents.find(found);
  if (expected != recording_.contents.end()) {
    EXPECT_EQ(tables.rows, expected->second);
  } else {
    EXPECT_LT(found, 1) << "a group that nobody wrote";
  }
  // The other rules of the checker are about rows and triggers, and these are the same for many states.
  if (!sound_.insert(tables.rows + tables.triggers).second) return;
  const CheckReport report = check_file(file);
  EXPECT_TRUE(report.sound()) << report.findings.at(0).rule << ": " << report.findings.at(0).what;
}

std::size_t PowerLoss::states() const {
  return std::accumulate(states_.begin(), states_.end(), std::size_t{0},
                         [](std::size_t sum, const auto& entry) { return sum + entry.second; });
}

std::string in_words(const std::map<Loss, std::size_t>& states) {
  std::string words;
  for (const Loss loss : all_losses) {
    const auto found = states.find(loss);
    words += (words.empty() ? "" : ", ") + std::string{to_string(loss)} + ' ' +
             std::to_string(found == states.end() ? 0 : found->second);
  }
  return words;
}

}  // namespace cairn::testing
