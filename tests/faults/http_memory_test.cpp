// There is no memory for a server: every request is answered, or its connection ended, and it goes on
// serving.

#include "tests/counts.hpp"
#include "tests/crash/folder.hpp"
#include "tests/crash/ledger.hpp"
#include "tests/faults/memory_lives.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

namespace cairn::testing {
namespace {

const std::size_t stride = 2 * fault_stride();
// A host lives for some tens of milliseconds, and what one request meets is of one place.
const std::size_t stride_of_one = std::max<std::size_t>(1, fault_stride() / 4);

class HttpMemoryTest : public ::testing::TestWithParam<Lack> {};

INSTANTIATE_TEST_SUITE_P(
    Lacks, HttpMemoryTest,
    ::testing::Values(
        Lack{.name = "Once", .requests = 1, .stride = stride_of_one, .must = {"caller told"}},
        // These lives last: whoever has no memory to accept a connection tries again after 100 ms, in vain
        // for most of the time.
        Lack{.name = "ForAMoment", .requests = 6, .stride = 2 * stride, .must = {"caller told"}}),
    [](const auto& one) { return one.param.name; });

TEST_P(HttpMemoryTest, EveryRequestIsAnsweredOrItsConnectionEndsAndTheServerGoesOn) {
  const Lack& lack = GetParam();
  try_each(lack, 0, 1, [&](std::size_t k) {
    const Folder folder;
    // One client alone misses each place; three bring groups.
    const std::string clients = lack.requests == 1 ? "1" : "3";
    Child host{{CAIRN_HTTP_MEMORY_HOST, std::to_string(k), std::to_string(lack.requests), clients},
               folder / "out",
               folder / "err"};
    const std::string became = become_of(host);
    if (HasFailure()) {
      for (const std::string& line : read_lines(folder / "err")) std::cout << "  " << line << '\n';
    }
    return became;
  });
}

}  // namespace
}  // namespace cairn::testing
