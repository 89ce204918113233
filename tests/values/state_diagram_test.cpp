#include "values/state_diagram.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace cairn {
namespace {

const std::string page_path = CAIRN_SOURCE_DIR "/docs/state-machine.md";

std::string read_page() {
  std::ifstream file{page_path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

TEST(StateMachinePage, SaysWhatTheTableSays) {
  if (std::getenv("CAIRN_WRITE_DOCS") != nullptr) {
    std::ofstream{page_path, std::ios::binary} << values::state_machine_page();
  }
  EXPECT_EQ(read_page(), values::state_machine_page())
      << "docs/state-machine.md is out of date; run this test with CAIRN_WRITE_DOCS=1 in its environment and "
         "commit it";
}

}  // namespace
}  // namespace cairn
