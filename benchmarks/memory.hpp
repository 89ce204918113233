#pragma once

// What this process has in memory, as Linux counts it: pages of its own and of files and libraries together.
namespace cairn::benchmarks {

// Now, in MiB (/proc/self/statm).
[[nodiscard]] double resident_mib();
// The most that it ever was, in MiB (/proc/self/status).
[[nodiscard]] double peak_resident_mib();

}  // namespace cairn::benchmarks
