#include "tests/house/test_names.hpp"

#include <map>
#include <regex>

namespace house {
namespace {

using Matches = std::sregex_iterator;

std::vector<std::string> cells_of(std::string_view row) {
  std::vector<std::string> cells;
  std::size_t begin = 1;
  for (std::size_t end = row.find('|', begin); end != std::string_view::npos; end = row.find('|', begin)) {
    std::string_view cell = row.substr(begin, end - begin);
    while (cell.starts_with(' ')) cell.remove_prefix(1);
    while (cell.ends_with(' ')) cell.remove_suffix(1);
    cells.emplace_back(cell);
    begin = end + 1;
  }
  return cells;
}

}  // namespace

std::set<std::string> test_names(const std::vector<SourceFile>& files) {
  static const std::regex macro{R"(\bTEST(_F|_P)?\(\s*(\w+),\s*(\w+)\))"};
  std::set<std::string> names;
  for (const SourceFile& file : files) {
    for (Matches at{file.text.begin(), file.text.end(), macro}; at != Matches{}; ++at)
      names.insert((*at)[2].str() + '.' + (*at)[3].str());
  }
  return names;
}

std::vector<Violation> check_named_tests(std::string_view path, std::string_view text,
                                         const std::set<std::string>& tests) {
  static const std::regex name{R"(`([A-Z]\w*\.[A-Z]\w*)`)"};
  const std::string page{text};
  std::vector<Violation> violations;
  for (Matches at{page.begin(), page.end(), name}; at != Matches{}; ++at) {
    if (tests.contains((*at)[1].str())) continue;
    violations.push_back({std::string{path}, line_at(page, static_cast<std::size_t>(at->position())),
                          "there is no test " + (*at)[1].str()});
  }
  return violations;
}

std::vector<Violation> check_failure_rows(std::string_view path, std::string_view text) {
  static const std::regex number{"([A-Z])([0-9]+)"};
  std::vector<Violation> violations;
  std::map<std::string, int> last;
  int line = 0;
  for (const std::string_view row : lines(text)) {
    ++line;
    if (!row.starts_with("| ")) continue;
    const std::vector<std::string> cells = cells_of(row);
    std::smatch found;
    if (cells.empty() || !std::regex_match(cells[0], found, number)) continue;
    const auto complain = [&](const std::string& what) {
      violations.push_back({std::string{path}, line, cells[0] + ": " + what});
    };
    if (std::stoi(found[2]) != ++last[found[1]]) complain("does not follow the row before");
    if (cells.size() != 4) complain("a row has four cells");
    for (const std::string& cell : cells) {
      if (cell.empty()) complain("a cell is empty");
    }
  }
  return violations;
}

}  // namespace house
