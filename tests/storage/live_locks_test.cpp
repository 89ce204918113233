// The locks by which SQLite in another process knows that a file is in use: they must outlast whatever the
// host does to the file, and must not outlast their purpose.

#include "tests/storage/counting_vfs.hpp"
#include "tests/storage/owned_file.hpp"

#include <cairn/check.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cairn::testing {
namespace {

namespace fs = std::filesystem;

class LiveLocksTest : public OwnedFile {
 protected:
  // As a copy does, or anything else that looks into a file. All POSIX locks that this process has on it go.
  static void open_and_close(const fs::path& name) {
    const int descriptor = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
    ASSERT_GE(descriptor, 0) << name;
    ::close(descriptor);
  }
  [[nodiscard]] static ino_t number_of(const fs::path& name) {
    struct stat found = {};
    return ::stat(name.c_str(), &found) == 0 ? found.st_ino : 0;
  }
};

TEST_F(LiveLocksTest, KeepTheLogAfterTheHostHasOpenedAndClosedTheFile) {
  open();
  create(50);
  for (const fs::path& name : {file(), log(), index()}) open_and_close(name);
  const ino_t before = number_of(log());
  EXPECT_EQ(outsider("backup", beside("copy.db")), "50");
  EXPECT_EQ(outsider("count"), "50");
  EXPECT_EQ(number_of(log()), before) << "another program took the log for that of a dead one";
  create();
  EXPECT_EQ(complaint().code, "");
  const Folder killed;
  EXPECT_EQ(instances_in(leave_as_killed(killed)), 51U);
  close();
  EXPECT_EQ(instances_in(file()), 51U);
  EXPECT_EQ(instances_in(beside("copy.db")), 50U);
}

TEST_F(LiveLocksTest, StayWhenAFailedCommitHasMadeTheStoreConnectAnew) {
  CountingVfs vfs;
  open({.vfs = vfs.name()});
  create(3);
  vfs.set_judge([](const CountingVfs::Call& call) {
    const bool fails = call.file == CountingVfs::File::log && call.operation == CountingVfs::Operation::write;
    return fails ? SQLITE_IOERR_WRITE : SQLITE_OK;
  });
  EXPECT_THROW(create(), Error);
  vfs.set_judge({});
  create(2);
  for (const fs::path& name : {file(), index()}) open_and_close(name);
  EXPECT_EQ(outsider("count"), "5");
  EXPECT_TRUE(fs::exists(log()));
  create();
  EXPECT_EQ(instances(), 6U);
  close();
}

// Every flush of the log says that it failed, once it has flushed: only who reads the log anew finds the
// group.
TEST_F(LiveLocksTest, DoNotKeepTheStoreItselfFromReadingItsLogAnew) {
  CountingVfs vfs;
  open({.vfs = vfs.name()});
  create(3);
  bool failed = false;
  vfs.set_judge(
      [&](const CountingVfs::Call& call) {
        const bool fails = call.file == CountingVfs::File::log &&
                           call.operation == CountingVfs::Operation::sync && !std::exchange(failed, true);
        return fails ? SQLITE_IOERR_FSYNC : SQLITE_OK;
      },
      true);
  EXPECT_NO_THROW(create());
  EXPECT_TRUE(failed);
  EXPECT_EQ(instances(), 4U);
  close();
}

TEST_F(LiveLocksTest, AreGivenUpSoThatTheLastToCloseTheFileDeletesItsLog) {
  open();
  create(3);
  for (const fs::path& name : {file(), index()}) open_and_close(name);
  close();
  EXPECT_FALSE(fs::exists(log()));
  EXPECT_FALSE(fs::exists(index()));
  EXPECT_EQ(outsider("count"), "3");
  EXPECT_FALSE(fs::exists(log()));
}

}  // namespace
}  // namespace cairn::testing
