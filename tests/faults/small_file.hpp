#pragma once

#include "storage/sqlite/store.hpp"

#include <cstddef>
#include <string>
#include <utility>

namespace cairn::testing {

/// How the harnesses of this folder open their files. Small pages and a log that is soon moved: more
/// boundaries in fewer bytes.
[[nodiscard]] inline sqlite::FileOptions small_file(std::string vfs = {}, bool in_background = false,
                                                    const SqliteOptions& options = {}) {
  return {.sqlite = options,
          .vfs = std::move(vfs),
          .checkpoint_bytes = std::size_t{24} << 10,
          .page_bytes = 512,
          .background_checkpoints = in_background};
}

}  // namespace cairn::testing
