#pragma once

#include <cairn/step_context.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace cairn::testing {

// What a body of the ledger program writes down, outside of the database, while it runs.
struct Line {
  enum class Kind { begun, effect, failed };
  Kind kind = Kind::begun;
  std::string instance;
  std::string step;  // with its counter
  int attempt = 0;
  std::string idempotency_key;
  bool operator==(const Line&) const = default;
};

[[nodiscard]] Line line_of(Line::Kind kind, const std::string& instance, const StepContext& step);

// Ends every line that was written whole, and stands in none.
constexpr char end_of_line = ';';

// A file that only grows. What was appended survives the process; `flush` makes it survive the machine too.
// A line is one write, so that threads do not mix theirs. Linux can cut off a write by a kill, where it meets
// a page's end: what is written says where it begins and that it is whole, and a part of a line is none.
class AppendOnlyFile {
 public:
  explicit AppendOnlyFile(const std::filesystem::path& file);
  AppendOnlyFile(const AppendOnlyFile&) = delete;
  AppendOnlyFile& operator=(const AppendOnlyFile&) = delete;
  ~AppendOnlyFile();

  void append(const std::string& line, bool flush);

 private:
  int descriptor_;
};

[[nodiscard]] std::string to_text(const Line& line);
[[nodiscard]] std::vector<Line> read_ledger(const std::filesystem::path& file);

// What was appended and is whole; none when there is no file.
[[nodiscard]] std::vector<std::string> read_appended(const std::filesystem::path& file);

// The lines of any file; none when there is no file.
[[nodiscard]] std::vector<std::string> read_lines(const std::filesystem::path& file);

}  // namespace cairn::testing
