#pragma once

#include <filesystem>

namespace cairn::benchmarks {

// The seconds that the disk under `folder` needs to make 4 KiB durable that were appended to a file: the
// median of 200 times. Throws `std::system_error`.
[[nodiscard]] double probe_flush(const std::filesystem::path& folder);

}  // namespace cairn::benchmarks
