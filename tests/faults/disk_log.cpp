#include "tests/faults/disk_log.hpp"

#include <filesystem>
#include <utility>

namespace cairn::testing {

using Act = DiskOperation::Kind;

DiskLog::DiskLog(CountingVfs& vfs)
    : vfs_{vfs}, folder_calls_{[this](const FolderCall& call) { record(call); }} {
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
  using Operation = CountingVfs::Operation;
  if (call.operation == Operation::write) {
    operation.bytes = call.bytes;
  } else if (call.operation == Operation::truncate) {
    operation.kind = Act::truncate;
  } else if (call.operation == Operation::sync) {
    operation.kind = Act::sync;
  } else if (call.operation == Operation::open && call.file == CountingVfs::File::log) {
    operation.kind = Act::create;  // unless it is there
  } else {
    return;  // a database is not made by the VFS, and files are removed by FolderCalls
  }
  const std::lock_guard lock{mutex_};
  operations_.push_back(std::move(operation));
}

void DiskLog::record(const FolderCall& call) {
  DiskOperation operation{.kind = Act::sync_folder, .file = call.name, .bytes = call.new_name};
  if (call.kind == FolderCall::Kind::rename) operation.kind = Act::rename;
  if (call.kind == FolderCall::Kind::remove) operation.kind = Act::remove;
  const std::lock_guard lock{mutex_};
  operations_.push_back(std::move(operation));
}

void DiskLog::acknowledge(std::int64_t group) {
  const std::lock_guard lock{mutex_};
  operations_.push_back({.kind = Act::acknowledge, .at = group});
}

}  // namespace cairn::testing
