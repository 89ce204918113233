// A process that owns a file makes children, and they outlive it.

#include "storage/sqlite/store.hpp"
#include "tests/in_child.hpp"
#include "tests/refusal.hpp"
#include "tests/storage/store_fixture.hpp"

#include <cairn/error.hpp>
#include <cairn/open.hpp>
#include <cairn/store.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

// Its end is seen at the other one.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe(ends_.data()), 0); }
  ~Pipe() {
    close_reading();
    close_writing();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  void write(int number) const { EXPECT_EQ(::write(ends_[1], &number, sizeof number), sizeof number); }
  // 0: the other end is closed.
  [[nodiscard]] int read() const {
    int number = 0;
    return ::read(ends_[0], &number, sizeof number) == sizeof number ? number : 0;
  }
  void close_reading() { close(ends_[0]); }
  void close_writing() { close(ends_[1]); }

 private:
  static void close(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }
  std::array<int, 2> ends_{-1, -1};
};

class ForkedOwner : public ::testing::Test {
 protected:
  [[nodiscard]] fs::path file() const { return folder_ / "orders.db"; }
  [[nodiscard]] std::unique_ptr<Store> open() const { return open_sqlite(file(), {.lock_wait = 10ms}); }

  static void write(Store& store) {
    const std::vector<Change> define{
        Define{"orders", std::to_string(store.ownership().commit_seq), "a", "b"}};
    store.apply(define, at(1'000));
  }

  // A process opens the file, makes a child by `fork_it`, and is killed. The child lives until `leave_`
  // closes.
  template <class Fork>
  void leave_an_orphan(Fork fork_it) {
    Pipe begun;
    owner_ = ::fork();
    if (owner_ == 0) {
      const auto store = open();
      write(*store);
      if (fork_it() != 0) {
        for (;;) ::pause();
      }
      leave_.close_writing();
      begun.write(static_cast<int>(::getpid()));
      static_cast<void>(leave_.read());
      ::_exit(0);
    }
    orphan_ = begun.read();
    ::kill(owner_, SIGKILL);
    ASSERT_EQ(::waitpid(owner_, nullptr, 0), owner_);
    ended_.close_writing();
  }
  void let_it_end() {
    leave_.close_writing();
    EXPECT_EQ(ended_.read(), 0);
  }

  pid_t owner_ = 0;
  pid_t orphan_ = 0;

 private:
  Folder folder_;
  Pipe leave_;
  Pipe ended_;
};

TEST_F(ForkedOwner, LeavesItsLocksToNoChild) {
  leave_an_orphan([] { return ::fork(); });
  write(*open());
  let_it_end();
  write(*open());
}

// As glibc's own `system` and `posix_spawn` make one, without the handlers of `fork`.
TEST_F(ForkedOwner, IsToldApartFromWhoHasItsLocksWhenItHasEnded) {
  leave_an_orphan([] { return static_cast<pid_t>(::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)); });
  const auto [code, message] = refusal([&] { static_cast<void>(open()); });
  EXPECT_EQ(code, Errc::file_is_owned);
  EXPECT_THAT(message,
              HasSubstr("is owned by process " + std::to_string(orphan_) + "; process " +
                        std::to_string(owner_) + ", which its lock file names, does not run any more"));
  let_it_end();
  write(*open());
}

TEST_F(ForkedOwner, IsNotWaitedForByAChildThatHasNoneOfItsThreads) {
  auto store = std::make_unique<sqlite::SqliteStore>(file(), sqlite::FileOptions{.checkpoint_bytes = 1});
  write(*store);
  static_cast<void>(store->maintain(Demand::quiet));  // a checkpoint begins, on a thread of its own
  EXPECT_EQ(in_child([&] {
              store.reset();
              return 0;
            }),
            0);
  write(*store);
}

TEST_F(ForkedOwner, IsNamedToAChildThatWouldOpenItsFile) {
  const auto store = open();
  const std::string owner = "is owned by process " + std::to_string(::getpid()) +
                            ", of which this one is a fork";
  fs::create_hard_link(file(), file().string() + ".linked");
  EXPECT_EQ(in_child([&] {
              for (const std::string name : {file().string(), file().string() + ".linked"}) {
                const auto [code, message] = refusal([&] { static_cast<void>(open_sqlite(name)); });
                if (code != Errc::file_is_owned || message != name + " " + owner) return 1;
              }
              return 0;
            }),
            0);
}

TEST_F(ForkedOwner, IsNamedToAChildThatWouldOpenItsFileWhenItHasEnded) {
  Pipe ended;
  Pipe told;
  const int owner = in_child([&] {
    const auto store = open();
    if (::fork() != 0) ::_exit(0);
    static_cast<void>(ended.read());
    const std::string message = refusal([&] { static_cast<void>(open()); }).second;
    told.write(message.find(", of which this one is a fork; that has ended") != std::string::npos ? 1 : 2);
    return 0;
  });
  EXPECT_EQ(owner, 0);
  told.close_writing();
  ended.write(1);
  EXPECT_EQ(told.read(), 1);
  write(*open());
}

TEST_F(ForkedOwner, AnswersNothingInAChild) {
  const auto store = open();
  write(*store);
  EXPECT_EQ(in_child([&] {
              const auto is_refused = [](auto&& call) {
                const auto [code, message] = refusal(call);
                return code == Errc::store_failed && message.find("before a fork") != std::string::npos;
              };
              if (!is_refused([&] { write(*store); })) return 1;
              if (!is_refused([&] { static_cast<void>(store->workflows()); })) return 2;
              return is_refused([&] { static_cast<void>(store->maintain(Demand::quiet)); }) ? 0 : 3;
            }),
            0);
  write(*store);
}

}  // namespace
}  // namespace cairn::testing
