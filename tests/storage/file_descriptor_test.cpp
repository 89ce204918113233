// A program that was started without standard streams prints into whatever bears their numbers. No file of
// ours may.

#include "tests/storage/store_fixture.hpp"

#include <cairn/check.hpp>
#include <cairn/open.hpp>
#include <cairn/store.hpp>

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace cairn::testing {
namespace {

namespace fs = std::filesystem;

enum Finding : int { none = 0, standard_stream_taken = 40, threw = 41 };

class FileDescriptorTest : public ::testing::Test {
 protected:
  [[nodiscard]] fs::path file() const { return folder_ / "orders.db"; }

  // Whether a standard stream leads to one of the files.
  [[nodiscard]] bool is_taken() const {
    for (const char* stream : {"/proc/self/fd/0", "/proc/self/fd/1", "/proc/self/fd/2"}) {
      std::error_code none_there;
      const fs::path leads_to = fs::read_symlink(stream, none_there);
      if (leads_to.string().starts_with(folder_.path().string())) return true;
    }
    return false;
  }

  static void print() {
    const std::string line(4'096, 'x');
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
      static_cast<void>(::write(stream, line.data(), line.size()) > 0);
  }

  // What a process found that was started without them.
  static int without_streams(const std::function<int()>& work) {
    const pid_t child = ::fork();
    if (child == 0) {
      for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::close(stream);
      try {
        ::_exit(work());
      } catch (const std::exception&) {
        ::_exit(threw);
      }
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  Folder folder_;
};

TEST_F(FileDescriptorTest, IsNeverThatOfAStandardStream) {
  const int found = without_streams([&] {
    bool taken = false;
    const auto store = open_sqlite(file());
    const std::vector<Change> define{Define{"orders", "1", "a", "b"}};
    for (int group = 0; group < 5; ++group) {
      taken = taken || is_taken();
      print();
      store->apply(define, at(1'000));
      static_cast<void>(store->workflows());
      // As a daemon does that begins late.
      for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::close(stream);
    }
    return taken ? standard_stream_taken : none;
  });
  EXPECT_EQ(found, none);
  EXPECT_TRUE(check_file(file()).sound());
  EXPECT_EQ(open_sqlite(file())->workflows().size(), 1U);
}

}  // namespace
}  // namespace cairn::testing
