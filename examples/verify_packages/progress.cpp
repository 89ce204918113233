#include "progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace verify {
namespace {

constexpr std::size_t bar_width_max = 40;
constexpr std::size_t bar_width_min = 10;
constexpr std::size_t width_unknown = 80;

std::size_t terminal_width() {
  struct ::winsize size = {};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return width_unknown;
  return size.ws_col;
}

std::string bar_of(std::size_t done, std::size_t total, std::size_t width) {
  const std::size_t full = total == 0 ? width : width * std::min(done, total) / total;
  std::string bar = "[" + std::string(full, '#') + std::string(width - full, ' ') + "] ";
  if (full < width) bar[1 + full] = '>';
  return bar;
}

// Package names are ASCII, so that a byte is a column; anything else is better left out than cut in the
// middle.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char character) { return character > ' ' && character <= '~'; });
}

}  // namespace

std::string progress_line(std::size_t done, std::size_t total, std::string_view current, std::size_t width) {
  std::string counts = std::to_string(done);
  const std::string all = std::to_string(total);
  counts.insert(0, all.size() - std::min(all.size(), counts.size()), ' ');
  counts += "/" + all + " packages";
  if (counts.size() > width) return {};

  std::string line = counts;
  constexpr std::size_t brackets = 3;
  if (const std::size_t room = width - counts.size(); room >= bar_width_min + brackets) {
    line = bar_of(done, total, std::min(bar_width_max, room - brackets)) + counts;
  }
  constexpr std::string_view gap = "  ";
  if (!current.empty() && is_plain(current) && line.size() + gap.size() < width) {
    const std::size_t room = width - line.size() - gap.size();
    line.append(gap).append(current.substr(0, room));
  }
  return line;
}

Progress::Progress() : on_terminal_{::isatty(STDERR_FILENO) == 1} {}

Progress::~Progress() {
  clear();
}

void Progress::show(std::size_t done, std::size_t total, std::string_view current) {
  if (!on_terminal_) return;
  // One column stays free: a full line would make some terminals go to the next.
  std::string line = progress_line(done, total, current, terminal_width() - 1);
  if (line == shown_) return;
  std::fprintf(stderr, "\r\033[K%s", line.c_str());
  std::fflush(stderr);
  shown_ = std::move(line);
}

void Progress::clear() noexcept {
  if (shown_.empty()) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  shown_.clear();
}

}  // namespace verify
