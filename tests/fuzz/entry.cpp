// Where libFuzzer calls a target, which the build names.

#include "tests/fuzz/targets.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cairn::fuzz::CAIRN_FUZZ_TARGET({data, size});
  return 0;
}
