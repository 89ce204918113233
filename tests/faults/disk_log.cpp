#include "tests/faults/disk_log.hpp"

#include <string_view>
#include <utility>

namespace cairn::testing {
namespace {

constexpr std::string_view new_suffix = ".new";

std::string file_name(const CountingVfs::Call& call) {
  return std::string{call.name.substr(call.name.rfind('/') + 1)};
}

}  // namespace

std::optional<DiskOperation> operation_of(const CountingVfs::Call& call) {
  if (call.name.empty()) return std::nullopt;  // temporary files are in memory
  DiskOperation operation{.file = file_name(call), .at = call.offset};
  switch (call.operation) {
    case CountingVfs::Operation::write:
      operation.bytes = call.bytes;
      return operation;
    case CountingVfs::Operation::truncate:
      operation.kind = DiskOperation::Kind::truncate;
      return operation;
    case CountingVfs::Operation::sync:
      operation.kind = DiskOperation::Kind::sync;
      return operation;
    case CountingVfs::Operation::remove:
      operation.kind = DiskOperation::Kind::remove;
      return operation;
    case CountingVfs::Operation::open:
    case CountingVfs::Operation::read:
      break;
  }
  return std::nullopt;
}

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
  std::optional<DiskOperation> operation = operation_of(call);
  const std::lock_guard lock{mutex_};
  if (operation) {
    operations_.push_back(*std::move(operation));
  } else if (call.operation == CountingVfs::Operation::open && !call.name.empty()) {
    // A new file is made under another name and moved into place without the VFS; its first opening shows.
    const std::string file = file_name(call);
    if (!operations_.empty() && operations_.back().file == file + std::string{new_suffix} + "-wal") {
      operations_.push_back({DiskOperation::Kind::rename, file + std::string{new_suffix}, 0, file});
    }
  }
}

void DiskLog::acknowledge(std::int64_t group) {
  const std::lock_guard lock{mutex_};
  operations_.push_back({.kind = DiskOperation::Kind::acknowledge, .at = group});
}

}  // namespace cairn::testing
