#include "tests/crash/ledger.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

namespace cairn::testing {
namespace {

constexpr std::array<std::string_view, 3> words{"begun", "effect", "failed"};

Line::Kind kind_of(const std::string& word) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == word) return static_cast<Line::Kind>(i);
  }
  throw std::runtime_error("no line of a ledger begins with " + word);
}

}  // namespace

Line line_of(Line::Kind kind, const std::string& instance, const StepContext& step) {
  return {kind, instance, std::string{step.name()}, step.attempt(), step.idempotency_key()};
}

AppendOnlyFile::AppendOnlyFile(const std::filesystem::path& file)
    : descriptor_{::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)} {
  if (descriptor_ < 0) throw std::system_error{errno, std::generic_category(), file.string()};
}

AppendOnlyFile::~AppendOnlyFile() {
  ::close(descriptor_);
}

void AppendOnlyFile::append(const std::string& line, bool flush) {
  if (line.find_first_of({end_of_line, '\n'}) != std::string::npos)
    throw std::invalid_argument("not one line: " + line);
  const std::string text = '\n' + line + end_of_line;
  if (::write(descriptor_, text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      (flush && ::fsync(descriptor_) != 0)) {
    throw std::system_error{errno, std::generic_category(), "append"};
  }
}

std::string to_text(const Line& line) {
  std::ostringstream text;
  text << words[static_cast<std::size_t>(line.kind)] << ' ' << line.instance << ' ' << line.step << ' '
       << line.attempt << ' ' << line.idempotency_key;
  return text.str();
}

std::vector<Line> read_ledger(const std::filesystem::path& file) {
  std::vector<Line> lines;
  for (const std::string& text : read_appended(file)) {
    std::istringstream words_of{text};
    std::string kind;
    Line line;
    if (!(words_of >> kind >> line.instance >> line.step >> line.attempt >> line.idempotency_key)) {
      throw std::runtime_error("a line of the ledger is broken: " + text);
    }
    line.kind = kind_of(kind);
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<std::string> read_appended(const std::filesystem::path& file) {
  std::vector<std::string> lines;
  for (std::string& line : read_lines(file)) {
    if (line.empty() || line.back() != end_of_line) continue;
    line.pop_back();
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<std::string> read_lines(const std::filesystem::path& file) {
  std::ifstream input{file};
  std::vector<std::string> lines;
  for (std::string line; std::getline(input, line);) lines.push_back(line);
  return lines;
}

}  // namespace cairn::testing
