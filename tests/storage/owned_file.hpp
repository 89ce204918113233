#pragma once

#include "storage/sqlite/store.hpp"
#include "tests/storage/store_fixture.hpp"

#include <cairn/error.hpp>
#include <cairn/store.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace cairn::testing {

/// A file that this process owns, in a folder of its own, for tests of what others do to it.
class OwnedFile : public ::testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path beside(const std::string& name) const { return folder_ / name; }
  [[nodiscard]] std::filesystem::path file() const { return beside("orders.db"); }
  [[nodiscard]] std::filesystem::path log() const { return beside("orders.db-wal"); }
  [[nodiscard]] std::filesystem::path index() const { return beside("orders.db-shm"); }
  [[nodiscard]] std::filesystem::path lock() const { return beside("orders.db.lock"); }

  void open(const sqlite::FileOptions& options = {});
  void close() { store_.reset(); }
  [[nodiscard]] Store& store() { return *store_; }

  /// Creates an instance in a group of its own.
  void create();
  void create(std::size_t instances);
  /// Writes a group that adds no row.
  void write();
  /// Has the log moved into the file as far as it is long enough.
  void tidy();

  /// How many instances there are, by the store, and in a file that nobody owns.
  [[nodiscard]] std::size_t instances() const;
  [[nodiscard]] static std::size_t instances_in(const std::filesystem::path& file);

  /// What is wrong with the file, first of all; without a code: nothing.
  [[nodiscard]] Complaint complaint() const;

  /// Nothing more is acknowledged, whoever asks and how often: gives what everybody is told.
  std::string expect_stopped();

  [[nodiscard]] static std::string bytes_of(const std::filesystem::path& name);

  /// The file, its log and its lock file as they would be if the owner were killed now, in a folder of their
  /// own.
  [[nodiscard]] std::filesystem::path leave_as_killed(const Folder& folder) const;

  /// What another process has said that did this to the file, as the sqlite3 shell would.
  [[nodiscard]] std::string outsider(const std::string& does, const std::string& to = {}) const;

 private:
  Folder folder_;
  std::unique_ptr<Store> store_;
  std::size_t created_ = 0;
};

}  // namespace cairn::testing
