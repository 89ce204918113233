#pragma once

#include <cairn/status.hpp>
#include <cairn/time.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>

// Files with more instances than an engine would make in the time that a benchmark has.
namespace cairn::benchmarks {

// Repeats all that a cairn file holds, until it is there `times` times (at most 250): each further copy of an
// instance has a key, an id and a wake time of its own; all else is the same. The keys of the file must be 1,
// 2, 3 … without a gap, its ids UUIDs that cairn made, and nobody may have it open. Nothing of the file is
// left in the system's memory, as after a start of the machine. Throws `std::runtime_error`.
void repeat_instances(const std::filesystem::path& file, std::size_t times);

// The following open the file for themselves.

// How many instances have that status, as it is stored.
[[nodiscard]] std::int64_t count_instances(const std::filesystem::path& file, Status status);
// When the first of them wakes; at least one has to.
[[nodiscard]] Time first_wake(const std::filesystem::path& file);

}  // namespace cairn::benchmarks
