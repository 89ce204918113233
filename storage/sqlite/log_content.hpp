#pragma once

#include "storage/sqlite/database_page.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace cairn::sqlite {

// What the whole frames of a log hold, in the order in which they were written.
struct LogContent {
  std::size_t page_bytes = 0;  // 0: there is no log that is whole to its first frame
  std::uint32_t pages = 0;     // of the database behind the first transaction; 0: there is none
  std::vector<DatabaseHead> heads;
  std::vector<OwnerRow> owners;
};

// `page` is that of the owner (from 1). Of a log with pages of another size only that is told. Throws `Error`
// (`store_failed`) when the log cannot be read.
[[nodiscard]] LogContent read_log(const std::filesystem::path& log, std::size_t page_bytes,
                                  std::uint32_t page);

}  // namespace cairn::sqlite
