#include "tests/simulation/simulated_disk.hpp"

#include "tests/faults/disk_log.hpp"
#include "tests/faults/new_store.hpp"

#include <utility>

namespace cairn::testing {
namespace {

constexpr const char* store_name = "store.db";

Image image_of_new_store(int page_bytes) {
  return {{store_name, new_store(page_bytes)}};
}

}  // namespace

// Flushes are done: with the first of a log, SQLite flushes the folder, past the VFS.
SimulatedDisk::SimulatedDisk(int page_bytes)
    : disk_{image_of_new_store(page_bytes)}, folder_calls_{[this](const FolderCall& call) {
        carry_out(operation_of(call));
      }} {
  write_image(image_of_new_store(page_bytes), folder_.path());
  set_judge(false);
}

std::filesystem::path SimulatedDisk::file() const {
  return folder_ / store_name;
}

void SimulatedDisk::set_judge(bool work_first) {
  work_first_ = work_first;
  vfs_.set_judge([this](const CountingVfs::Call& call) { return judge(call); }, work_first);
}

void SimulatedDisk::plan_fault(IoFault fault, std::size_t calls) {
  fault_ = Fault{fault, calls};
  set_judge(fault == IoFault::error_after_the_work);
}

void SimulatedDisk::plan_death(Loss loss, std::size_t calls, Dice& dice) {
  death_ = Death{loss, calls, &dice};
}

void SimulatedDisk::mend() {
  fault_.reset();
  death_.reset();
  if (work_first_) set_judge(false);
}

void SimulatedDisk::die(Loss loss, Dice& dice) {
  if (dead()) return;
  std::mt19937 random{static_cast<std::mt19937::result_type>(dice.number())};
  left_ = disk_.after(loss, random);
}

void SimulatedDisk::leave_as_it_is() {
  std::mt19937 unused;
  left_ = disk_.after(Loss::nothing, unused);
}

void SimulatedDisk::come_back() {
  mend();
  const Image image = std::exchange(left_, std::nullopt).value();
  write_image(image, folder_.path());
  disk_ = Disk{image};
}

bool SimulatedDisk::meets_death(const CountingVfs::Call& call) {
  const bool changes = call.operation == CountingVfs::Operation::remove || operation_of(call);
  if (!death_ || !changes || death_->calls-- > 0) return false;
  die(death_->loss, *death_->dice);
  return true;
}

std::optional<int> SimulatedDisk::meets_fault(const CountingVfs::Call& call) {
  const std::optional<int> result = fault_ ? result_of(fault_->kind, call.operation) : std::nullopt;
  if (!result) return std::nullopt;
  if (fault_->calls > 0) {
    --fault_->calls;
    return std::nullopt;
  }
  fired_ = true;
  if (!lasts(fault_->kind)) fault_.reset();
  return result;
}

int SimulatedDisk::judge(const CountingVfs::Call& call) {
  if (!dead() && !quiet_ && meets_death(call)) return SQLITE_IOERR;
  if (dead()) return SQLITE_IOERR;
  const std::optional<int> failure = quiet_ ? std::nullopt : meets_fault(call);
  // Whoever cannot open a file has not made it.
  if (!failure || (work_first_ && call.operation != CountingVfs::Operation::open))
    carry_out(operation_of(call));
  return failure.value_or(SQLITE_OK);
}

void SimulatedDisk::carry_out(const std::optional<DiskOperation>& operation) {
  if (operation && !dead()) disk_.carry_out(*operation);
}

}  // namespace cairn::testing
