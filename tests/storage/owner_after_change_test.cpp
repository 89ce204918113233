// What the next owner is told of a file that somebody has changed while it was open: what happened, where
// that is which was acknowledged, and how to go on. Nobody was killed.

#include "tests/refusal.hpp"
#include "tests/storage/counting_vfs.hpp"
#include "tests/storage/owned_file.hpp"

#include <cairn/open.hpp>

#include <gmock/gmock.h>

#include <string>

namespace cairn::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class OwnerAfterAChange : public OwnedFile {
 protected:
  // A copy of five instances beside a file that is open with twenty more.
  void SetUp() override {
    open();
    create(5);
    close();
    fs::copy_file(file(), beside("copy.db"));
    reopen({});
  }
  void reopen(const sqlite::FileOptions& options) {
    close();
    open(options);
    create(10);
    create(10);
  }
  // The owner notices, and ends in order.
  void end() {
    EXPECT_EQ(refusal([&] { create(); }).first, Errc::store_failed);
    close();
  }
  [[nodiscard]] std::string told() const {
    const auto [code, message] = refusal([&] { static_cast<void>(open_sqlite(file())); });
    EXPECT_EQ(code, Errc::not_a_cairn_file);
    EXPECT_THAT(message,
                AllOf(HasSubstr(file().string()), HasSubstr(lock().string()), Not(HasSubstr("killed"))));
    return message;
  }
};

TEST_F(OwnerAfterAChange, IsToldThatTheFileWasReplacedAndWhereItIsSaved) {
  fs::rename(beside("copy.db"), file());
  end();
  EXPECT_THAT(told(), AllOf(HasSubstr("was removed or replaced while it was open"),
                            HasSubstr("what was acknowledged is saved in " + file().string() + ".rescued: "),
                            HasSubstr("put that file in its place")));
  fs::rename(beside("orders.db.rescued"), file());
  EXPECT_EQ(instances_in(file()), 25U) << "as told";
}

TEST_F(OwnerAfterAChange, MayGoOnWithTheOtherFileAsTold) {
  fs::rename(beside("copy.db"), file());
  end();
  static_cast<void>(told());
  fs::remove(lock());
  EXPECT_EQ(instances_in(file()), 5U);
}

TEST_F(OwnerAfterAChange, IsToldTheSameOfAFileThatIsNotThere) {
  fs::remove(file());
  end();
  EXPECT_THAT(told(), AllOf(HasSubstr("is missing"), HasSubstr("was removed or replaced while it was open"),
                            HasSubstr("is saved in " + file().string() + ".rescued: put that file")));
  EXPECT_FALSE(fs::exists(file()));
  fs::rename(beside("orders.db.rescued"), file());
  EXPECT_EQ(instances_in(file()), 25U);
}

// Others may lie there, of another time, and what is none.
TEST_F(OwnerAfterAChange, IsToldTheNameOfTheCopyThatHoldsIt) {
  fs::copy_file(beside("copy.db"), beside("orders.db.rescued"));
  fs::create_directory(beside("orders.db.rescued-2"));
  fs::rename(beside("copy.db"), file());
  end();
  EXPECT_THAT(told(), HasSubstr("is saved in " + file().string() + ".rescued-3: "));
  fs::remove(beside("orders.db.rescued-3"));
  EXPECT_THAT(told(), AllOf(HasSubstr("was removed or replaced while it was open"), HasSubstr("(.rescued)"),
                            HasSubstr("if there is one"), Not(HasSubstr("is saved in"))));
}

TEST_F(OwnerAfterAChange, IsToldThatTheFileWasMoved) {
  fs::rename(file(), beside("moved.db"));
  end();
  EXPECT_THAT(told(), AllOf(HasSubstr("is missing"), HasSubstr("was moved or replaced while it was open"),
                            HasSubstr("move that back")));
  fs::copy_file(beside("copy.db"), file());
  EXPECT_THAT(told(),
              AllOf(HasSubstr("holds less than was acknowledged"),
                    HasSubstr("was moved or replaced while it was open"), HasSubstr("move that back")));
  fs::rename(beside("moved.db"), file());
  EXPECT_EQ(instances_in(file()), 25U);
}

TEST_F(OwnerAfterAChange, IsToldThatTheLogWasCut) {
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{5'000}}) {
    fs::resize_file(log(), bytes);
    end();
    EXPECT_THAT(told(), AllOf(HasSubstr("its log was removed, replaced or cut while it was open"),
                              HasSubstr("restore a backup")));
    for (const fs::path& name : {log(), index(), lock()}) fs::remove(name);
    reopen({});
  }
}

TEST_F(OwnerAfterAChange, IsToldWhereALogIsSavedThatFoundNoRoomInTheFile) {
  CountingVfs vfs;
  reopen({.vfs = vfs.name()});
  vfs.set_judge([](const CountingVfs::Call& call) {
    const bool fails = call.file == CountingVfs::File::database &&
                       call.operation == CountingVfs::Operation::write;
    return fails ? SQLITE_FULL : SQLITE_OK;
  });
  fs::remove(log());
  end();
  EXPECT_THAT(told(), AllOf(HasSubstr("its log was removed, replaced or cut while it was open"),
                            HasSubstr("is saved in " + file().string() + ".rescued: put that file")));
}

TEST_F(OwnerAfterAChange, IsToldWhereItIsSavedWhenTheLogIsStillThere) {
  CountingVfs vfs;
  reopen({.vfs = vfs.name()});
  vfs.set_judge([](const CountingVfs::Call& call) {
    const bool fails = call.file == CountingVfs::File::log &&
                       call.operation == CountingVfs::Operation::truncate;
    return fails ? SQLITE_IOERR_TRUNCATE : SQLITE_OK;
  });
  fs::rename(beside("copy.db"), file());
  end();
  EXPECT_THAT(told(), AllOf(HasSubstr("its log belongs to other content"),
                            HasSubstr("is saved in " + file().string() + ".rescued"),
                            HasSubstr("remove " + log().string())));
  for (const fs::path& name : {log(), index(), lock()}) fs::remove(name);
  fs::rename(beside("orders.db.rescued"), file());
  EXPECT_EQ(instances_in(file()), 45U);
}

}  // namespace
}  // namespace cairn::testing
