#include "check/lock_file.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>

namespace cairn::check {
namespace {

namespace fs = std::filesystem;

// What a word says of the file. Any other word, as "closed", says that whatever lies there may be opened.
struct Meaning {
  std::string_view word;
  std::string_view happened;
};
constexpr std::string_view written_over = "changed";
constexpr std::string_view left_open = "open";
constexpr std::string_view moved = "moved";
constexpr std::string_view removed = "removed";
constexpr std::string_view log_gone = "no log";
constexpr std::array<Meaning, 5> meanings{{
    {left_open, "its owner was killed, or could not close it"},
    {written_over, "was written over or replaced while it was open"},
    {moved, "it was moved or replaced while it was open"},
    {removed, "it was removed or replaced while it was open"},
    {log_gone, "its log was removed, replaced or cut while it was open"},
}};

const Meaning* meaning_of(const LockFile& said) {
  for (const Meaning& meaning : meanings) {
    if (meaning.word == said.word) return &meaning;
  }
  return nullptr;
}

// As long as such a line can be.
std::string second_line(const fs::path& name) {
  std::array<char, 64> text;
  std::ifstream in{name, std::ios::binary};
  in.read(text.data(), text.size());
  const std::string_view found{text.data(), static_cast<std::size_t>(in.gcount())};
  const std::size_t first = std::min(found.find('\n'), found.size());
  return std::string{found.substr(first)};
}

LockFile parse(const std::string& line) {
  std::istringstream words{line};
  LockFile found;
  for (std::string word; words >> word;) {
    std::istringstream number{word};
    if (number >> found.group && number.eof()) return found.group < 0 ? LockFile{} : found;
    found.word += (found.word.empty() ? "" : " ") + word;
  }
  return {};
}

bool has_log(const fs::path& file) {
  std::error_code missing;
  const std::uintmax_t bytes = fs::file_size(file.string() + "-wal", missing);
  return !missing && bytes > 0;
}

}  // namespace

LockFile read_lock_file(const fs::path& file) {
  const fs::path name = file.string() + ".lock";
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(name, error))) return {};
  // An owner may write it just now: what counts is what is read twice.
  std::string line = second_line(name);
  for (std::string again = second_line(name); again != line; again = second_line(name)) line = again;
  return parse(line);
}

std::string what_is_missing(const fs::path& file, const LockFile& said, std::int64_t found) {
  const Meaning* const meaning = meaning_of(said);
  if (meaning == nullptr) return {};
  const std::string name = file.string();
  const std::string happened{meaning->happened};
  if (said.word == written_over) {
    return happened +
           ", and its log belongs to other content. To go on with the copy that was put there, remove " +
           name + "-wal, " + name + "-shm and " + name + ".lock, and copy it once more";
  }
  if (found >= said.group) return {};
  std::string why =
      happened +
      ", and what was acknowledged lies elsewhere: put the file that was moved, or the copy that "
      "was saved beside it (.rescued), in its place, or restore a backup";
  if (said.word == left_open) {
    why = has_log(file) ? "file and log do not belong together"
                        : happened + ", and its log " + name + "-wal is missing: put it back";
  }
  return "holds less than was acknowledged (group " + std::to_string(found) + " of " +
         std::to_string(said.group) + "): " + why +
         ". If it is a backup that was restored, or if what is missing may be lost, remove " + name + ".lock";
}

}  // namespace cairn::check
