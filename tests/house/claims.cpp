#include "tests/house/claims.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <functional>
#include <regex>
#include <stdexcept>

namespace house {
namespace {

namespace fs = std::filesystem;
using Matches = std::sregex_iterator;

// One violation for each match whose first group is wrong, as `what` says; empty: it is right.
std::vector<Violation> check_each(const SourceFile& page, const std::regex& pattern,
                                  const std::function<std::string(const std::smatch&)>& what) {
  std::vector<Violation> violations;
  for (Matches at{page.text.begin(), page.text.end(), pattern}; at != Matches{}; ++at) {
    const std::string wrong = what(*at);
    if (!wrong.empty())
      violations.push_back({page.path, line_at(page.text, static_cast<std::size_t>(at->position())), wrong});
  }
  return violations;
}

// As GitHub makes it.
std::string anchor_of(const std::string& heading) {
  std::string anchor;
  for (const char c : heading) {
    if (c == ' ') anchor += '-';
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_')
      anchor += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return anchor;
}

bool has_heading(const std::string& page, const std::string& anchor) {
  static const std::regex heading{"(?:^|\n)#+ ([^\n]+)"};
  for (Matches at{page.begin(), page.end(), heading}; at != Matches{}; ++at) {
    if (anchor_of((*at)[1]) == anchor) return true;
  }
  return false;
}

}  // namespace

std::string in_one_line(const std::string& path) {
  static const std::regex white{"\\s+"};
  return std::regex_replace(read_file(source_dir() / path), white, " ");
}

std::string in_code(const std::string& path, const std::string& pattern) {
  const std::string text = read_file(source_dir() / path);
  std::smatch found;
  if (!std::regex_search(text, found, std::regex{pattern}))
    throw std::runtime_error(path + " has nothing like " + pattern);
  return found[1];
}

std::uint64_t number_in_code(const std::string& path, const std::string& pattern) {
  std::string digits = in_code(path, pattern);
  std::erase(digits, '\'');
  return std::stoull(digits);
}

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::vector<Violation> check_named_files(const SourceFile& page) {
  static const std::regex path{
      R"(`((?:api|benchmarks|check|cli|docs|engine|examples|include|scripts|storage|tests)/[\w./-]*)`)"};
  return check_each(page, path, [](const std::smatch& found) -> std::string {
    const fs::path named = source_dir() / found[1].str();
    const bool is_there = fs::exists(named) || fs::exists(named.string() + ".cpp");  // a program by its name
    return is_there ? "" : "there is no " + found[1].str();
  });
}

std::vector<Violation> check_links(const SourceFile& page) {
  static const std::regex link{R"(\]\(([^)#:\s]*)(?:#([^)\s]*))?\))"};
  return check_each(page, link, [&](const std::smatch& found) -> std::string {
    const fs::path here = source_dir() / page.path;
    const fs::path there = found[1].length() == 0 ? here : here.parent_path() / found[1].str();
    if (!fs::exists(there)) return "leads to no page: " + found[0].str();
    if (!found[2].matched || has_heading(read_file(there), found[2])) return "";
    return "leads to no heading: " + found[0].str();
  });
}

std::vector<Violation> check_named_members(const SourceFile& page, const std::vector<SourceFile>& headers) {
  static const std::regex member{R"(`([A-Z]\w*)::(\w+))"};
  return check_each(page, member, [&](const std::smatch& found) -> std::string {
    const std::regex type{"\\b(?:class|struct) " + found[1].str() + "\\b[^;]*\\{"};
    const std::regex name{"\\b" + found[2].str() + "\\b"};
    bool is_public = false;
    for (const SourceFile& header : headers) {
      const std::string code = code_only(header.text);
      if (!std::regex_search(code, type)) continue;
      is_public = true;
      if (std::regex_search(code, name)) return "";
    }
    return is_public ? found[1].str() + " has no " + found[2].str() : "";
  });
}

std::vector<Violation> check_named_variables(const SourceFile& page, std::string_view code) {
  static const std::regex variable{R"(\b(CAIRN_[A-Z_]+)\b)"};
  return check_each(page, variable, [&](const std::smatch& found) -> std::string {
    const bool is_known = code.find(found[1].str()) != std::string_view::npos;
    return is_known ? "" : "nothing asks for " + found[1].str();
  });
}

}  // namespace house
