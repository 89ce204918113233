#pragma once

#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/file_mark.hpp"
#include "storage/sqlite/file_watch.hpp"

#include <cairn/health.hpp>
#include <cairn/time.hpp>

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

namespace cairn::sqlite {

// The name of the copy of that number, from 1, that is made beside a file which has gone.
constexpr int rescued_names_max = 100;
[[nodiscard]] std::filesystem::path rescued_name(const std::filesystem::path& file, int number);

// What becomes of a store whose file somebody else has changed: nothing is acknowledged any more, and what
// was acknowledged is saved through what SQLite still has open, where that is whole.
//
// - A file that was moved gets its log, wherever it is. Whoever moves it back lets the store go on.
// - Of a file that was removed or replaced a copy is made beside it, with its log. The log is then emptied.
// - A log that was removed, or whose index was, is moved into the file.
// - Of a file that was written over or cut, or whose log was, nothing is: what is left does not belong
//   together.
class Rescue {
 public:
  explicit Rescue(std::filesystem::path file) : file_{std::move(file)} {}

  // Tries to save what `connection` reaches (none: nothing is open), unless that has been done. Nobody else
  // has a connection meanwhile.
  void save(FileChange change, Connection* connection, Time now);

  // What was found that does not pass.
  [[nodiscard]] FileChange change() const;

  // What the next owner is to find in the lock file.
  [[nodiscard]] FileMark::State mark(FileChange change) const;

  // Whether the log of a file that has gone still lies under its name: it could not be emptied. Whoever opens
  // what is put in place of the file must not take it for the log of that.
  [[nodiscard]] bool has_left_log() const;

  // What a caller is told. By any thread, as the next.
  [[nodiscard]] std::string message(FileChange change) const;
  [[nodiscard]] std::optional<Complaint> complaint(FileChange change) const;

 private:
  [[nodiscard]] std::filesystem::path save_somewhere(Connection& connection);
  [[nodiscard]] std::filesystem::path save_beside(Connection& connection);
  static void save_into_file(Connection& connection);
  [[nodiscard]] std::string told() const;

  const std::filesystem::path file_;
  mutable std::mutex mutex_;
  FileChange change_ = FileChange::none;
  std::optional<Time> since_;
  std::filesystem::path saved_in_;  // empty: not yet
  std::string failure_;             // why it could not be saved the last time
  bool has_left_log_ = false;
};

}  // namespace cairn::sqlite
