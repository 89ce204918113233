#include "storage/sqlite/file_mark.hpp"

#include "storage/sqlite/os/files.hpp"
#include "storage/sqlite/os/processes.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <optional>
#include <span>
#include <string_view>

namespace cairn::sqlite {
namespace {

constexpr std::size_t process_width = 10;
constexpr std::size_t state_at = process_width + 1;
constexpr std::size_t state_width = 7;
constexpr std::size_t group_at = state_at + state_width + 1;
constexpr std::size_t group_width = 20;
constexpr std::size_t length = group_at + group_width + 1;

constexpr std::array<std::string_view, 7> words{"",      "closed",  "open",  "changed",
                                                "moved", "removed", "no log"};

using Text = std::array<char, length>;

// As much of it as there is; what is missing is blank.
Text read_text(const os::Descriptor& lock) noexcept {
  Text text;
  text.fill(' ');
  const auto facts = os::look_at(lock);
  const std::size_t count = facts ? std::min<std::size_t>(facts->bytes, length) : 0;
  const std::span<char> found{text.data(), count};
  if (!os::read_at(lock, 0, std::as_writable_bytes(found))) text.fill(' ');
  return text;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

}  // namespace

std::filesystem::path lock_name(const std::filesystem::path& file) {
  return file.string() + ".lock";
}

std::filesystem::path log_name(const std::filesystem::path& file) {
  return file.string() + "-wal";
}

std::filesystem::path index_name(const std::filesystem::path& file) {
  return file.string() + "-shm";
}

FileMark read_mark(const os::Descriptor& lock) noexcept {
  const Text text = read_text(lock);
  const std::string_view whole{text.data(), text.size()};
  const std::string_view state = trimmed(whole.substr(state_at, state_width));
  const std::string_view group = trimmed(whole.substr(group_at));
  FileMark mark;
  for (std::size_t number = 1; number < words.size(); ++number) {
    if (state == words[number]) mark.state = static_cast<FileMark::State>(number);
  }
  const auto read = std::from_chars(group.data(), group.data() + group.size(), mark.group);
  if (read.ec != std::errc{} || mark.group < 0) return {};
  return mark;
}

FileMark read_mark(const std::filesystem::path& lock) {
  // One that is a pipe would be waited for.
  const auto facts = os::look_at(lock);
  if (!facts || facts->kind != os::FileFacts::Kind::file) return {};
  const os::Descriptor opened = os::open_file(lock, os::Access::read);
  if (!opened.is_open()) return {};
  FileMark mark = read_mark(opened);
  for (FileMark again = read_mark(opened); again != mark; again = read_mark(opened)) mark = again;
  return mark;
}

std::string owner_of(const os::Descriptor& lock) {
  const Text text = read_text(lock);
  int named = 0;
  std::from_chars(text.data(), text.data() + process_width, named);
  if (named <= 0) return "another process";
  if (os::is_running(named)) return "process " + std::to_string(named);
  const auto facts = os::look_at(lock);
  const std::optional<int> locker = facts ? os::find_locker(facts->id) : std::nullopt;
  return (locker ? "process " + std::to_string(*locker) : "another process") + "; process " +
         std::to_string(named) + ", which its lock file names, does not run any more";
}

void write_mark(const os::Descriptor& lock, int process, FileMark mark) noexcept {
  std::array<char, length + 1> text = {};  // and a zero, which is not written
  const std::string_view word = words[static_cast<std::size_t>(mark.state)];
  std::snprintf(text.data(), text.size(), "%-10d\n%-7.*s %20lld\n", process, static_cast<int>(word.size()),
                word.data(), static_cast<long long>(mark.group));
  os::write_at(lock, 0, {text.data(), length});
}

}  // namespace cairn::sqlite
