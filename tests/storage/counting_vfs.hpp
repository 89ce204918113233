#pragma once

#include <sqlite3.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace cairn::testing {

// Stands between SQLite and its own VFS: counts what goes through, and fails what a test wants to fail.
//
// Registered while it lives, under a name of its own; every file that is opened through it must be closed
// before.
class CountingVfs {
 public:
  enum class File : std::uint8_t { database, log, other };
  enum class Operation : std::uint8_t {
    read,
    write,
    sync,
    truncate,
    open,
    remove,
    size,
    lock,
    map_index,  // of the log, in shared memory
    lock_index,
    barrier,  // in the index; nothing to fail
  };
  static constexpr std::size_t operations = 11;

  struct Call {
    File file;
    Operation operation;
    std::string_view name = {};   // path of the file; empty where SQLite asks for one without a name
    std::int64_t offset = 0;      // of a read or write; the size of a truncation
    std::string_view bytes = {};  // of a write
  };
  enum class Moment : std::uint8_t { before, within, after };

  CountingVfs();
  CountingVfs(const CountingVfs&) = delete;
  CountingVfs& operator=(const CountingVfs&) = delete;
  ~CountingVfs();

  [[nodiscard]] const std::string& name() const { return name_; }

  [[nodiscard]] int count(File file, Operation operation) const { return counter(file, operation).load(); }
  [[nodiscard]] int syncs() const;
  void reset_counts();

  // Asked before every call: SQLITE_OK lets it through, anything else is its result. A failing sync or a
  // failing write may do its work nevertheless (`work_first`), as a kernel may.
  using Judge = std::function<int(const Call&)>;
  void set_judge(Judge judge, bool work_first = false);

  // Told around every call, on the thread that makes it; set before any file is opened. One that cuts writes
  // is also told `within` each, when half of its bytes are written.
  using Witness = std::function<void(const Call&, Moment)>;
  void set_witness(Witness witness, bool cuts_writes = false);

  // Flushes nothing, for tests that are not about durability.
  void skip_syncs() { skips_syncs_ = true; }

  // Says that a write may damage its neighbours within a sector: SQLite then pads the log.
  void deny_powersafe_overwrite() { denies_powersafe_ = true; }

  // What the methods of the shim call.
  struct Verdict {
    int result = SQLITE_OK;
    bool works = true;
  };
  Verdict on_call(const Call& call);
  void tell(const Call& call, Moment moment) const;
  [[nodiscard]] bool cuts_writes() const { return cuts_writes_; }
  [[nodiscard]] bool skips_syncs() const { return skips_syncs_; }
  [[nodiscard]] bool denies_powersafe() const { return denies_powersafe_; }
  [[nodiscard]] sqlite3_vfs* real() const { return real_; }

 private:
  [[nodiscard]] const std::atomic<int>& counter(File file, Operation operation) const {
    return counts_[static_cast<std::size_t>(file)][static_cast<std::size_t>(operation)];
  }

  std::string name_;
  sqlite3_vfs* real_;
  sqlite3_vfs vfs_ = {};
  std::array<std::array<std::atomic<int>, operations>, 3> counts_ = {};
  std::mutex judge_mutex_;
  Judge judge_;
  bool work_first_ = false;
  Witness witness_;
  bool cuts_writes_ = false;
  std::atomic<bool> skips_syncs_{false};
  std::atomic<bool> denies_powersafe_{false};
};

}  // namespace cairn::testing
