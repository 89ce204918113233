#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

// What every benchmark needs.
namespace cairn::benchmarks {

// A folder of this run alone, removed at the end.
class Folder {
 public:
  explicit Folder(const std::filesystem::path& parent);
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// Runs from when it is made.
class Stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>{std::chrono::steady_clock::now() - begin_}.count();
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

// Throws `std::runtime_error` unless files in `folder` are on a disk: in memory, a flush costs nothing.
void require_disk(const std::filesystem::path& folder);

// Takes `--directory=DIR` out of the arguments; without it, the current folder.
[[nodiscard]] std::filesystem::path take_directory(int& argc, char** argv);

// Of values that are at least one.
[[nodiscard]] double median(std::vector<double> values);
// The value that this share of them does not exceed.
[[nodiscard]] double percentile(std::vector<double> values, double share);

// Rounded, as in 1,234,567.
[[nodiscard]] std::string with_commas(double number);

// SQLite's version, as it runs.
[[nodiscard]] std::string sqlite_version();

}  // namespace cairn::benchmarks
