#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace verify {

// `[#####>    ]  512/1024 packages  coreutils`, at most `width` columns; empty when even the counts do not
// fit.
[[nodiscard]] std::string progress_line(std::size_t done, std::size_t total, std::string_view current,
                                        std::size_t width);

// A line on standard error that says how far the audit is. On anything but a terminal it writes nothing. Not
// thread-safe.
class Progress {
 public:
  Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  void show(std::size_t done, std::size_t total, std::string_view current);
  // Leaves the line empty, for others to write on.
  void clear() noexcept;

 private:
  bool on_terminal_;
  std::string shown_;
};

}  // namespace verify
