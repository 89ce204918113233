#include "tests/house/shape_rules.hpp"

#include <algorithm>
#include <cctype>
#include <functional>
#include <optional>
#include <regex>

namespace house {

namespace {

// What stands between the end of the statement before and an opening brace.
bool begins_function(const std::string& head) {
  static const std::regex other{
      R"(^\s*(if|for|while|switch|catch|else|do|try|namespace|class|struct|enum|union|extern|return|case)\b)"};
  static const std::regex value{R"([=,(]\s*$)"};
  return head.find('(') != std::string::npos && !std::regex_search(head, other) &&
         !std::regex_search(head, value);
}

std::size_t first_ink(std::string_view text, std::size_t from) {
  while (from < text.size() && std::isspace(static_cast<unsigned char>(text[from])) != 0) ++from;
  return from;
}

std::string folder(const std::string& path) {
  std::string name = path.substr(0, path.rfind('/'));
  if (name.ends_with("/detail")) name.resize(name.rfind('/'));
  return name;
}

}  // namespace

std::vector<Violation> check_functions(std::string_view path, std::string_view text, int lines_max) {
  const std::string code = code_only(text);
  std::vector<Violation> found;
  std::size_t depth = 0;          // of braces inside the function
  std::size_t statement = 0;      // where the present one begins
  std::optional<int> first_line;  // of the function that is gone through
  for (std::size_t at = 0; at < code.size(); ++at) {
    const char c = code[at];
    if (c == '{' && first_line) {
      ++depth;
    } else if (c == '{' && begins_function(code.substr(statement, at - statement))) {
      first_line = line_at(code, first_ink(code, statement));
      depth = 0;
    } else if (c == '}' && first_line && depth-- == 0) {
      const int count = line_at(code, at) - *first_line + 1;
      if (count > lines_max)
        found.push_back(
            {std::string{path}, *first_line, "a function of " + std::to_string(count) + " lines"});
      first_line.reset();
    }
    if (!first_line && (c == '{' || c == '}' || c == ';')) statement = at + 1;
  }
  return found;
}

Includes includes_of(const std::vector<SourceFile>& files) {
  static const std::regex include{R"re(^\s*#\s*include\s*(["<])([^">]+)[">])re"};
  Includes includes;
  for (const SourceFile& file : files) includes[file.path];
  for (const SourceFile& file : files) {
    for (const std::string_view line : lines(file.text)) {
      std::cmatch match;
      if (!std::regex_search(line.data(), line.data() + line.size(), match, include)) continue;
      const std::string name = (match[1] == "<" ? "include/" : "") + match[2].str();
      if (includes.contains(name)) includes[file.path].insert(name);
    }
  }
  return includes;
}

Includes folders_of(const Includes& includes) {
  Includes folders;
  for (const auto& [file, others] : includes) {
    std::set<std::string>& known = folders[folder(file)];
    for (const std::string& other : others) {
      if (folder(other) != folder(file)) known.insert(folder(other));
    }
  }
  return folders;
}

std::vector<std::string> find_circle(const Includes& includes) {
  std::vector<std::string> way;
  std::set<std::string> done;
  const std::function<bool(const std::string&)> closes = [&](const std::string& name) {
    const auto before = std::ranges::find(way, name);
    if (before != way.end()) {
      way.erase(way.begin(), before);
      way.push_back(name);
      return true;
    }
    if (done.contains(name) || !includes.contains(name)) return false;
    way.push_back(name);
    for (const std::string& next : includes.at(name)) {
      if (closes(next)) return true;
    }
    way.pop_back();
    done.insert(name);
    return false;
  };
  for (const auto& [name, others] : includes) {
    if (closes(name)) return way;
  }
  return {};
}

}  // namespace house
