#pragma once

#include "tests/faults/disk.hpp"
#include "tests/faults/folder_calls.hpp"
#include "tests/faults/io_fault.hpp"
#include "tests/simulation/dice.hpp"
#include "tests/storage/counting_vfs.hpp"
#include "tests/storage/store_fixture.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

namespace cairn::testing {

/// The files of a machine: real ones, in memory, of which it knows what a flush has made durable, contents
/// and names. Calls fail as planned, and so does the power.
///
/// A death by power or by signal happens in the middle of whatever the program does: from then on no call
/// changes anything, and what it left is decided. One thread, and one of these at a time.
class SimulatedDisk {
 public:
  /// With a new store of such pages.
  explicit SimulatedDisk(int page_bytes);

  [[nodiscard]] const std::string& vfs() const { return vfs_.name(); }
  [[nodiscard]] std::filesystem::path file() const;

  /// Call `calls` from now fails.
  void plan_fault(IoFault fault, std::size_t calls);
  /// The machine dies before change `calls` from now.
  void plan_death(Loss loss, std::size_t calls, Dice& dice);
  /// Nothing that was planned happens any more; faults that last are over.
  void mend();
  /// Whether a planned fault was met since the last call.
  [[nodiscard]] bool take_fired() { return std::exchange(fired_, false); }

  void die(Loss loss, Dice& dice);
  /// The program dies, and the machine stays up.
  void leave_as_it_is();
  [[nodiscard]] bool dead() const { return left_.has_value(); }
  /// With what the death has left. All files must be closed.
  void come_back();

  /// While one lives, nothing fails: the test itself looks at files.
  class Quiet {
   public:
    explicit Quiet(SimulatedDisk& disk) : disk_{disk}, was_{std::exchange(disk.quiet_, true)} {}
    ~Quiet() { disk_.quiet_ = was_; }
    Quiet(const Quiet&) = delete;
    Quiet& operator=(const Quiet&) = delete;

   private:
    SimulatedDisk& disk_;
    bool was_;
  };

 private:
  struct Death {
    Loss loss;
    std::size_t calls;
    Dice* dice;
  };
  struct Fault {
    IoFault kind;
    std::size_t calls;
  };

  int judge(const CountingVfs::Call& call);
  void carry_out(const std::optional<DiskOperation>& operation);
  void set_judge(bool work_first);
  [[nodiscard]] bool meets_death(const CountingVfs::Call& call);
  [[nodiscard]] std::optional<int> meets_fault(const CountingVfs::Call& call);

  Folder folder_;
  CountingVfs vfs_;
  Disk disk_;
  std::optional<Death> death_;
  std::optional<Fault> fault_;
  std::optional<Image> left_;
  bool work_first_ = false;
  bool quiet_ = false;
  bool fired_ = false;
  FolderCalls folder_calls_;  // the last: it tells of the others
};

}  // namespace cairn::testing
