#include "tests/faults/disk_log.hpp"

#include <filesystem>
#include <utility>

namespace cairn::testing {
namespace {

constexpr std::string_view new_suffix = ".new";

}  // namespace

DiskLog::DiskLog(CountingVfs& vfs) : vfs_{vfs} {
  vfs_.set_judge([this](const CountingVfs::Call& call) {
    record(call);
    return SQLITE_OK;
  });
}

DiskLog::~DiskLog() {
  vfs_.set_judge({});
}

void DiskLog::record(const CountingVfs::Call& call) {
  if (call.name.empty()) return;  // temporary files are in memory
  DiskOperation operation{.file = std::filesystem::path{call.name}.filename().string(), .at = call.offset};
  const std::lock_guard lock{mutex_};
  switch (call.operation) {
    case CountingVfs::Operation::write:
      operation.bytes = call.bytes;
      break;
    case CountingVfs::Operation::truncate:
      operation.kind = DiskOperation::Kind::truncate;
      break;
    case CountingVfs::Operation::sync:
      operation.kind = DiskOperation::Kind::sync;
      break;
    case CountingVfs::Operation::remove:
      operation.kind = DiskOperation::Kind::remove;
      break;
    case CountingVfs::Operation::open:
      // A new file is made under another name and moved into place without the VFS; its first opening shows.
      if (!operations_.empty() &&
          operations_.back().file == operation.file + std::string{new_suffix} + "-wal") {
        operations_.push_back(
            {DiskOperation::Kind::rename, operation.file + std::string{new_suffix}, 0, operation.file});
      }
      return;
    case CountingVfs::Operation::read:
      return;
  }
  operations_.push_back(std::move(operation));
}

void DiskLog::acknowledge(std::int64_t group) {
  const std::lock_guard lock{mutex_};
  operations_.push_back({.kind = DiskOperation::Kind::acknowledge, .at = group});
}

}  // namespace cairn::testing
