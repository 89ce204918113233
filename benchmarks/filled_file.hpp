#pragma once

#include <cstddef>
#include <filesystem>

namespace cairn::benchmarks {

// Adds instances that have ended to a cairn file that no engine has open: `count` of them, spread evenly over
// the versions that are defined in it, each with 100 bytes of params, one step, an output, and an expiry 30
// days from now. What a long-lived engine would leave behind, written straight with SQL, which takes a tenth
// of the time. The log is empty and everything on the disk when it returns.
void add_ended_instances(const std::filesystem::path& file, std::size_t count);

}  // namespace cairn::benchmarks
