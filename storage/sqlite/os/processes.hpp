#pragma once

#include "storage/sqlite/os/files.hpp"

#include <optional>

namespace cairn::sqlite::os {

[[nodiscard]] int process_number() noexcept;

// Whether a process of that number can be seen from here.
[[nodiscard]] bool is_running(int process) noexcept;

// A process that has a lock on the whole file (flock), other than this one. Nothing where that cannot be
// told, as of processes of other users. Reads all of /proc: for messages.
[[nodiscard]] std::optional<int> find_locker(const FileId& file);

}  // namespace cairn::sqlite::os
