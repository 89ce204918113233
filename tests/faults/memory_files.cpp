#include <gtest/gtest.h>

#include <malloc.h>
#include <stdlib.h>

#include <filesystem>

namespace cairn::testing {
namespace {

// The files of these tests need not survive the machine; in memory, a flush costs nothing. And whoever opens
// thousands of stores does not give the memory of each back to the kernel: measured, a quarter of the time.
class MemoryFiles : public ::testing::Environment {
 public:
  void SetUp() override {
    constexpr const char* memory = "/dev/shm";
    if (std::filesystem::is_directory(memory)) ::setenv("TMPDIR", memory, 0);
    constexpr int bytes_kept = 256 << 20;
    ::mallopt(M_TRIM_THRESHOLD, bytes_kept);
    ::mallopt(M_MMAP_THRESHOLD, bytes_kept);
  }
};

[[maybe_unused]] const ::testing::Environment* const memory_files = ::testing::AddGlobalTestEnvironment(
    new MemoryFiles);

}  // namespace
}  // namespace cairn::testing
