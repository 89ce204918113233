#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::testing {

// Every statement that the writing connection of a store runs, and how many rows they changed. One at a time
// in a process; the store must be opened after it, and closed before it goes.
class StatementLog {
 public:
  StatementLog();
  StatementLog(const StatementLog&) = delete;
  StatementLog& operator=(const StatementLog&) = delete;
  ~StatementLog();

  // Forgets what was run so far.
  void reset();

  [[nodiscard]] std::size_t size() const;
  // How many of them begin with these words.
  [[nodiscard]] std::size_t count(std::string_view beginning) const;
  // Each statement once.
  [[nodiscard]] std::set<std::string> all() const;
  // As text, a line each, for messages.
  [[nodiscard]] std::string text() const;

  [[nodiscard]] std::int64_t rows_changed() const;

 private:
  static int connect(sqlite3* database, const char** error, const sqlite3_api_routines* api);
  static int note(unsigned event, void* log, void* statement, void* text);

  mutable std::mutex mutex_;
  std::vector<std::string> statements_;
  std::int64_t rows_before_ = 0;  // since the connection was opened
  std::int64_t rows_now_ = 0;
};

}  // namespace cairn::testing
