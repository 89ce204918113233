#pragma once

#include <filesystem>
#include <string>

namespace cairn::testing {

/// Every row of every table of a file as text, but for who owns it: what two files must have in common to
/// hold the same. Reads it as any SQLite program would, without cairn.
[[nodiscard]] std::string dump_tables(const std::filesystem::path& file);

/// The same without the counts of the owner's row, which every group moves on.
[[nodiscard]] std::string dump_rows(const std::filesystem::path& file);

/// What `dump_tables` gives, the names of the triggers, and what SQLite finds wrong with the pages and
/// indexes ("ok": nothing), with one opening of the file. It has no log: its owner has closed it.
struct Tables {
  std::string rows = {};
  std::string triggers = {};
  std::string integrity = {};
};
[[nodiscard]] Tables read_tables(const std::filesystem::path& file);

}  // namespace cairn::testing
