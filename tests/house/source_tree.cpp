#include "tests/house/source_tree.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <ostream>
#include <sstream>
#include <stdexcept>

namespace house {
namespace {

namespace fs = std::filesystem;

bool is_cpp(const fs::path& path) {
  return path.extension() == ".cpp" || path.extension() == ".hpp";
}

bool is_text(const fs::path& path) {
  static constexpr std::array<std::string_view, 10> kinds{".cpp", ".hpp", ".txt",  ".cmake", ".in",
                                                          ".sql", ".md",  ".json", ".py",    ".sh"};
  const std::string extension = path.extension().string();
  if (extension.empty()) return path.filename() != "core";  // scripts and dot files
  return std::find(kinds.begin(), kinds.end(), extension) != kinds.end();
}

std::vector<SourceFile> collect(const std::vector<std::string_view>& folders,
                                bool (*wanted)(const fs::path&)) {
  std::vector<fs::path> paths;
  for (std::string_view folder : folders) {
    if (folder.empty()) {
      for (const auto& entry : fs::directory_iterator{source_dir()}) paths.push_back(entry.path());
    } else if (fs::exists(source_dir() / folder)) {
      for (const auto& entry : fs::recursive_directory_iterator{source_dir() / folder})
        paths.push_back(entry.path());
    }
  }
  std::vector<SourceFile> files;
  for (const fs::path& path : paths) {
    if (!fs::is_regular_file(path) || !wanted(path)) continue;
    files.push_back({path.lexically_relative(source_dir()).generic_string(), read_file(path)});
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return files;
}

// Blanks [begin, end) except for line ends.
void blank(std::string& text, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end && i < text.size(); ++i) {
    if (text[i] != '\n') text[i] = ' ';
  }
}

// The offset after a literal in quotes that begins at `begin`; an unfinished one ends with its line.
std::size_t end_of_quoted(std::string_view text, std::size_t begin) {
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == text[begin] || text[i] == '\n') {
      return i + 1;
    }
  }
  return text.size();
}

// The offset after a raw literal whose opening quote is at `quote`.
std::size_t end_of_raw(std::string_view text, std::size_t quote) {
  const std::size_t open = text.find('(', quote);
  if (open == std::string_view::npos) return text.size();
  std::string close{")"};
  close.append(text.substr(quote + 1, open - quote - 1)).append("\"");
  const std::size_t end = text.find(close, open);
  return end == std::string_view::npos ? text.size() : end + close.size();
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Violation& violation) {
  return out << "\n  " << violation.path << ':' << violation.line << ": " << violation.message;
}

fs::path source_dir() {
  return CAIRN_SOURCE_DIR;
}

std::string read_file(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return text.str();
}

std::vector<SourceFile> cpp_files(const std::vector<std::string_view>& folders) {
  return collect(folders, is_cpp);
}

std::vector<SourceFile> text_files(const std::vector<std::string_view>& folders) {
  return collect(folders, is_text);
}

std::vector<std::string_view> lines(std::string_view text) {
  std::vector<std::string_view> result;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    result.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return result;
}

std::string code_only(std::string_view text) {
  std::string code{text};
  std::size_t i = 0;
  while (i < text.size()) {
    std::size_t end = i + 1;
    if (text.substr(i, 2) == "//") {
      end = std::min(text.find('\n', i), text.size());
      blank(code, i, end);
    } else if (text.substr(i, 2) == "/*") {
      const std::size_t close = text.find("*/", i + 2);
      end = close == std::string_view::npos ? text.size() : close + 2;
      blank(code, i, end);
    } else if (text[i] == '"') {
      end = i > 0 && text[i - 1] == 'R' ? end_of_raw(text, i) : end_of_quoted(text, i);
      blank(code, i + 1, end - 1);
    } else if (text[i] == '\'' && (i == 0 || !is_word(text[i - 1]))) {  // not a digit separator
      end = end_of_quoted(text, i);
      blank(code, i + 1, end - 1);
    }
    i = end;
  }
  return code;
}

int line_at(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  return 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
}

}  // namespace house
