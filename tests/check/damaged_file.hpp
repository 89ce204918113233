#pragma once

#include <cairn/check.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace cairn::testing {

/// A copy of a file that has an instance in every status and every kind of row, to be damaged by the test.
class DamagedFile {
 public:
  enum class Format : std::uint8_t { first, newest };
  explicit DamagedFile(Format format = Format::newest);
  DamagedFile(const DamagedFile&) = delete;
  DamagedFile& operator=(const DamagedFile&) = delete;
  ~DamagedFile();

  [[nodiscard]] const std::filesystem::path& path() const { return file_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

  /// Runs SQL that no engine would. How many rows it changed.
  int damage(const std::string& sql);
  /// Overwrites bytes of the file.
  void scratch(std::size_t at, const std::string& bytes);

  /// By `check_file`, and once more by the check of the simulations, which must find the same.
  [[nodiscard]] CheckReport check(const CheckOptions& options = {}) const;

 private:
  std::filesystem::path folder_;
  std::filesystem::path file_;
};

/// Whether the report has a finding of that rule.
[[nodiscard]] bool finds(const CheckReport& report, std::string_view rule);

/// All findings, a line each, for messages.
[[nodiscard]] std::string text(const CheckReport& report);

}  // namespace cairn::testing
