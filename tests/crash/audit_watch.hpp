#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <utility>

struct sqlite3;

namespace cairn::testing {

// What the file of a running verify_packages says, seen from outside.
struct AuditState {
  std::int64_t epoch = 0;
  std::int64_t commit_seq = 0;
  std::int64_t packages = 0;  // created
  std::int64_t packages_ended = 0;
  std::int64_t concluding = 0;  // packages whose "conclude" has begun and not ended
  bool audit_complete = false;  // the packages are listed
  bool reporting = false;       // the report was created
  bool sweeping = false;        // "sweep" has begun and not ended
  std::set<std::pair<std::int64_t, std::int64_t>> in_flight = {};  // steps and attempts whose bodies run
};

[[nodiscard]] std::string to_string(const AuditState& state);

// Reads the file of one life of the program, read-only, while that life lasts: it leaves opening the file,
// and with it the recovery of SQLite's log, to the program.
class AuditWatch {
 public:
  AuditWatch(std::filesystem::path file, pid_t program) : file_{std::move(file)}, program_{program} {}
  AuditWatch(const AuditWatch&) = delete;
  AuditWatch& operator=(const AuditWatch&) = delete;
  ~AuditWatch();

  // Nothing: the program has not opened the file yet, or is at a point where nobody can read.
  [[nodiscard]] std::optional<AuditState> look();

  // Whether the program has opened the file, so that there is something to look at.
  bool open();

 private:
  std::int64_t number(const char* sql);

  std::filesystem::path file_;
  pid_t program_;
  sqlite3* database_ = nullptr;
};

// How many groups a program has written that is no more.
[[nodiscard]] std::int64_t commits_of(const std::filesystem::path& file);

}  // namespace cairn::testing
