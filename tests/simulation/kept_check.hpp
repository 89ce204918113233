#pragma once

#include "tests/storage/store_fixture.hpp"

#include <cairn/check.hpp>

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace cairn::check {
class Checker;
}

namespace cairn::testing {

/// What `check_file` finds, for whoever checks thousands of small files that have the same tables: by the
/// same rules, whose statements stay prepared.
///
/// What a reader sees of a file and its log is copied over a file of this object's own, as if another program
/// had changed that one. Where tables differ, everything is prepared anew.
class KeptCheck {
 public:
  KeptCheck();
  KeptCheck(const KeptCheck&) = delete;
  KeptCheck& operator=(const KeptCheck&) = delete;
  ~KeptCheck();

  /// Throws `Error` where the file is no cairn file, and `SQLite::Exception` where it cannot be read.
  [[nodiscard]] CheckReport check(const std::filesystem::path& file, const CheckOptions& options = {});
  /// What was checked last.
  [[nodiscard]] SQLite::Database& database() { return *database_; }
  /// How often everything was prepared.
  [[nodiscard]] std::size_t prepared() const { return prepared_; }

 private:
  void load(std::string image, const std::string& name);
  [[nodiscard]] std::string tables() const;
  void open(const std::string& name);

  Folder folder_;
  std::string fixed_;   // what a connection believes without asking: how pages are laid out
  std::string tables_;  // and which there are
  std::uint32_t loads_ = 0;
  std::size_t prepared_ = 0;
  std::unique_ptr<SQLite::Database> database_;
  std::unique_ptr<check::Checker> checker_;
};

}  // namespace cairn::testing
