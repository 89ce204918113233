#include "tests/faults/disk_log.hpp"

#include <utility>

namespace cairn::testing {

std::optional<DiskOperation> operation_of(const CountingVfs::Call& call) {
  if (call.name.empty()) return std::nullopt;  // temporary files are in memory
  DiskOperation operation{.file = std::string{call.name.substr(call.name.rfind('/') + 1)}, .at = call.offset};
  using Operation = CountingVfs::Operation;
  if (call.operation == Operation::write) {
    operation.bytes = call.bytes;
  } else if (call.operation == Operation::truncate) {
    operation.kind = DiskOperation::Kind::truncate;
  } else if (call.operation == Operation::sync) {
    operation.kind = DiskOperation::Kind::sync;
  } else if (call.operation == Operation::open && call.file == CountingVfs::File::log) {
    operation.kind = DiskOperation::Kind::create;  // unless it is there
  } else {
    return std::nullopt;  // a database is not made by the VFS
  }
  return operation;
}

DiskOperation operation_of(const FolderCall& call) {
  DiskOperation operation{
      .kind = DiskOperation::Kind::sync_folder, .file = call.name, .bytes = call.new_name};
  if (call.kind == FolderCall::Kind::rename) operation.kind = DiskOperation::Kind::rename;
  if (call.kind == FolderCall::Kind::remove) operation.kind = DiskOperation::Kind::remove;
  return operation;
}

DiskLog::DiskLog(CountingVfs& vfs)
    : vfs_{vfs}, folder_calls_{[this](const FolderCall& call) { record(operation_of(call)); }} {
  vfs_.set_judge([this](const CountingVfs::Call& call) {
    std::optional<DiskOperation> operation = operation_of(call);
    if (operation) record(*std::move(operation));
    return SQLITE_OK;
  });
}

DiskLog::~DiskLog() {
  vfs_.set_judge({});
}

void DiskLog::record(DiskOperation operation) {
  const std::lock_guard lock{mutex_};
  operations_.push_back(std::move(operation));
}

void DiskLog::acknowledge(std::int64_t group) {
  record({.kind = DiskOperation::Kind::acknowledge, .at = group});
}

}  // namespace cairn::testing
