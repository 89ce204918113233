#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <istream>
#include <string>
#include <vector>

namespace cairn::testing {

// One system call that took a descriptor first, as `strace -f -y` shows it. Its place in time are two lines
// of the log: other threads' calls may stand between them.
struct SystemCall {
  std::string name;
  std::string file;          // what the descriptor stands for
  std::string content;       // of a write: the bytes as strace writes them, with its escapes
  std::int64_t offset = -1;  // of a pwrite64
  std::int64_t result = -1;
  std::size_t entered = 0;
  std::size_t returned = 0;
};

// The calls that have returned, in the order in which they did. Throws when a line is of no known form.
[[nodiscard]] std::vector<SystemCall> parse_strace(std::istream& log);

// How a database's files were flushed, from a log of pwrite64, fsync and fdatasync.
struct Flushes {
  std::int64_t transactions = 0;        // of the log, behind what a transaction wrote
  std::int64_t log_headers = 0;         // of the log, when it begins anew
  std::int64_t before_checkpoints = 0;  // of the log, with nothing new in it
  std::int64_t database = 0;            // of the file itself
};

[[nodiscard]] Flushes count_flushes(const std::vector<SystemCall>& calls,
                                    const std::filesystem::path& database);

// The words that were acknowledged, by a line "ack WORD" on a file, before the log of `database` held them on
// disk: written, and flushed with a flush that began after the write and returned before the line.
[[nodiscard]] std::vector<std::string> acknowledged_too_early(const std::vector<SystemCall>& calls,
                                                              const std::filesystem::path& database,
                                                              const std::filesystem::path& lines);

[[nodiscard]] std::size_t count_acknowledgements(const std::vector<SystemCall>& calls,
                                                 const std::filesystem::path& lines);

}  // namespace cairn::testing
