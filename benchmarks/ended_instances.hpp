#pragma once

#include <cstddef>
#include <filesystem>

namespace cairn::benchmarks {

// Adds instances that have ended to a cairn file that no engine has open, as an engine would leave them
// behind: `count` of them, in turn of each version that is defined in it, with 100 bytes of params, one step,
// an output, and an expiry 30 days after their end. Written straight with SQL. The log is empty and
// everything on the disk when it returns.
void add_ended_instances(const std::filesystem::path& file, std::size_t count);

}  // namespace cairn::benchmarks
