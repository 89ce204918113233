#include "tests/storage/counting_vfs.hpp"

#include <cstring>
#include <new>

namespace cairn::testing {
namespace {

using File = CountingVfs::File;
using Operation = CountingVfs::Operation;

// What SQLite holds for an open file; the real VFS's own part lies behind it.
struct ShimFile {
  sqlite3_file base;
  CountingVfs* vfs;
  File kind;
  const char* name;  // SQLite keeps it until the file is closed
  sqlite3_file* real;
};

ShimFile& shim(sqlite3_file* file) {
  return *reinterpret_cast<ShimFile*>(file);
}
sqlite3_file* real(sqlite3_file* file) {
  return shim(file).real;
}
const sqlite3_io_methods& methods(sqlite3_file* file) {
  return *real(file)->pMethods;
}

CountingVfs& self(sqlite3_vfs* vfs) {
  return *static_cast<CountingVfs*>(vfs->pAppData);
}
sqlite3_vfs* real(sqlite3_vfs* vfs) {
  return self(vfs).real();
}

// Counts the call, and does `work` unless it is to fail.
template <class Work>
int judged(sqlite3_file* file, Operation operation, Work&& work, std::int64_t offset = 0,
           std::string_view bytes = {}) {
  const ShimFile& opened = shim(file);
  const std::string_view name = opened.name == nullptr ? "" : opened.name;
  const CountingVfs::Call call{opened.kind, operation, name, offset, bytes};
  const CountingVfs::Verdict verdict = opened.vfs->on_call(call);
  const int done = verdict.works ? work() : SQLITE_OK;
  opened.vfs->tell(call, CountingVfs::Moment::after);
  return verdict.result != SQLITE_OK ? verdict.result : done;
}

int close_file(sqlite3_file* file) {
  return methods(file).xClose(real(file));
}

int read_file(sqlite3_file* file, void* bytes, int count, sqlite3_int64 offset) {
  return judged(
      file, Operation::read, [&] { return methods(file).xRead(real(file), bytes, count, offset); }, offset);
}

int write_file(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  const std::string_view content{static_cast<const char*>(bytes), static_cast<std::size_t>(count)};
  const auto work = [&] {
    const ShimFile& opened = shim(file);
    if (opened.vfs->cuts_writes()) {
      const int result = methods(file).xWrite(real(file), bytes, count / 2, offset);
      if (result != SQLITE_OK) return result;
      const std::string_view name = opened.name == nullptr ? "" : opened.name;
      opened.vfs->tell({opened.kind, Operation::write, name, offset, content}, CountingVfs::Moment::within);
    }
    return methods(file).xWrite(real(file), bytes, count, offset);
  };
  return judged(file, Operation::write, work, offset, content);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  return judged(
      file, Operation::truncate, [&] { return methods(file).xTruncate(real(file), size); }, size);
}

int sync_file(sqlite3_file* file, int flags) {
  return judged(file, Operation::sync, [&] {
    return shim(file).vfs->skips_syncs() ? SQLITE_OK : methods(file).xSync(real(file), flags);
  });
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return judged(file, Operation::size, [&] { return methods(file).xFileSize(real(file), size); });
}
int lock_file(sqlite3_file* file, int level) {
  return judged(file, Operation::lock, [&] { return methods(file).xLock(real(file), level); });
}
int unlock_file(sqlite3_file* file, int level) {
  return methods(file).xUnlock(real(file), level);
}
int check_lock(sqlite3_file* file, int* result) {
  return methods(file).xCheckReservedLock(real(file), result);
}

int control_file(sqlite3_file* file, int operation, void* argument) {
  if (operation == SQLITE_FCNTL_POWERSAFE_OVERWRITE && shim(file).vfs->denies_powersafe()) {
    *static_cast<int*>(argument) = 0;
    return SQLITE_OK;
  }
  return methods(file).xFileControl(real(file), operation, argument);
}

int sector_size(sqlite3_file* file) {
  return methods(file).xSectorSize(real(file));
}

int characteristics(sqlite3_file* file) {
  const int found = methods(file).xDeviceCharacteristics(real(file));
  return shim(file).vfs->denies_powersafe() ? found & ~SQLITE_IOCAP_POWERSAFE_OVERWRITE : found;
}

int map_shared(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
  return judged(file, Operation::map_index,
                [&] { return methods(file).xShmMap(real(file), page, size, extend, memory); });
}
int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
  if ((flags & SQLITE_SHM_UNLOCK) != 0) return methods(file).xShmLock(real(file), offset, count, flags);
  return judged(file, Operation::lock_index,
                [&] { return methods(file).xShmLock(real(file), offset, count, flags); });
}
void barrier(sqlite3_file* file) {
  const auto work = [&] {
    methods(file).xShmBarrier(real(file));
    return SQLITE_OK;
  };
  static_cast<void>(judged(file, Operation::barrier, work));
}
int unmap_shared(sqlite3_file* file, int remove) {
  return methods(file).xShmUnmap(real(file), remove);
}

constexpr sqlite3_io_methods shim_methods{
    .iVersion = 2,  // without memory mapping, which a store does not use
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = file_size,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_lock,
    .xFileControl = control_file,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = map_shared,
    .xShmLock = lock_shared,
    .xShmBarrier = barrier,
    .xShmUnmap = unmap_shared,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  ShimFile& opened = *new (file) ShimFile{};
  opened.vfs = &self(vfs);
  opened.kind = (flags & SQLITE_OPEN_MAIN_DB) != 0 ? File::database
                : (flags & SQLITE_OPEN_WAL) != 0   ? File::log
                                                   : File::other;
  opened.real = reinterpret_cast<sqlite3_file*>(&opened + 1);
  opened.name = name;
  const CountingVfs::Call call{opened.kind, Operation::open, name == nullptr ? "" : name};
  const CountingVfs::Verdict verdict = opened.vfs->on_call(call);
  if (verdict.result != SQLITE_OK) return verdict.result;
  const int result = real(vfs)->xOpen(real(vfs), name, opened.real, flags, out_flags);
  if (opened.real->pMethods != nullptr) opened.base.pMethods = &shim_methods;
  opened.vfs->tell(call, CountingVfs::Moment::after);
  return result;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int sync) {
  const CountingVfs::Call call{File::other, Operation::remove, name};
  const CountingVfs::Verdict verdict = self(vfs).on_call(call);
  const int done = verdict.works ? real(vfs)->xDelete(real(vfs), name, sync) : SQLITE_OK;
  self(vfs).tell(call, CountingVfs::Moment::after);
  return verdict.result != SQLITE_OK ? verdict.result : done;
}
int access_file(sqlite3_vfs* vfs, const char* name, int flags, int* result) {
  return real(vfs)->xAccess(real(vfs), name, flags, result);
}
int full_path(sqlite3_vfs* vfs, const char* name, int size, char* path) {
  return real(vfs)->xFullPathname(real(vfs), name, size, path);
}
int randomness(sqlite3_vfs* vfs, int size, char* bytes) {
  return real(vfs)->xRandomness(real(vfs), size, bytes);
}
int sleep_for(sqlite3_vfs* vfs, int microseconds) {
  return real(vfs)->xSleep(real(vfs), microseconds);
}
int current_time(sqlite3_vfs* vfs, double* time) {
  return real(vfs)->xCurrentTime(real(vfs), time);
}
int last_error(sqlite3_vfs* vfs, int size, char* text) {
  return real(vfs)->xGetLastError(real(vfs), size, text);
}

std::string unique_name() {
  static std::atomic<int> last{0};
  return "cairn-counting-" + std::to_string(++last);
}

}  // namespace

CountingVfs::CountingVfs() : name_{unique_name()}, real_{sqlite3_vfs_find(nullptr)} {
  vfs_.iVersion = 1;
  vfs_.szOsFile = static_cast<int>(sizeof(ShimFile)) + real_->szOsFile;
  vfs_.mxPathname = real_->mxPathname;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = open_file;
  vfs_.xDelete = delete_file;
  vfs_.xAccess = access_file;
  vfs_.xFullPathname = full_path;
  vfs_.xRandomness = randomness;
  vfs_.xSleep = sleep_for;
  vfs_.xCurrentTime = current_time;
  vfs_.xGetLastError = last_error;
  sqlite3_vfs_register(&vfs_, 0);
}

CountingVfs::~CountingVfs() {
  sqlite3_vfs_unregister(&vfs_);
}

int CountingVfs::syncs() const {
  return count(File::database, Operation::sync) + count(File::log, Operation::sync) +
         count(File::other, Operation::sync);
}

void CountingVfs::reset_counts() {
  for (auto& file : counts_) {
    for (auto& operation : file) operation = 0;
  }
}

void CountingVfs::set_judge(Judge judge, bool work_first) {
  const std::lock_guard lock{judge_mutex_};
  judge_ = std::move(judge);
  work_first_ = work_first;
}

void CountingVfs::set_witness(Witness witness, bool cuts_writes) {
  witness_ = std::move(witness);
  cuts_writes_ = cuts_writes;
}

void CountingVfs::tell(const Call& call, Moment moment) const {
  if (witness_) witness_(call, moment);
}

CountingVfs::Verdict CountingVfs::on_call(const Call& call) {
  tell(call, Moment::before);
  ++counts_[static_cast<std::size_t>(call.file)][static_cast<std::size_t>(call.operation)];
  const std::lock_guard lock{judge_mutex_};
  const int result = judge_ ? judge_(call) : SQLITE_OK;
  return {result, result == SQLITE_OK || work_first_};
}

}  // namespace cairn::testing
