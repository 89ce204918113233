#include <gtest/gtest.h>

#include <stdlib.h>

#include <filesystem>

namespace cairn::testing {
namespace {

// The files of these tests need not survive the machine; in memory, a flush costs nothing.
class MemoryFiles : public ::testing::Environment {
 public:
  void SetUp() override {
    constexpr const char* memory = "/dev/shm";
    if (std::filesystem::is_directory(memory)) ::setenv("TMPDIR", memory, 0);
  }
};

[[maybe_unused]] const ::testing::Environment* const memory_files = ::testing::AddGlobalTestEnvironment(
    new MemoryFiles);

}  // namespace
}  // namespace cairn::testing
