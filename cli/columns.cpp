#include "cli/columns.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace cairn::cli {

Columns::Columns(std::vector<std::string> heads) : widths_(heads.size(), 0) {
  add(std::move(heads));
}

void Columns::add(std::vector<std::string> row) {
  for (std::size_t column = 0; column < widths_.size(); ++column) {
    widths_[column] = std::max(widths_[column], row[column].size());
  }
  rows_.push_back(std::move(row));
}

std::string Columns::text() const {
  std::string text;
  for (const std::vector<std::string>& row : rows_) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      text += row[column];
      if (column + 1 < row.size()) text.append(widths_[column] - row[column].size() + 2, ' ');
    }
    text += '\n';
  }
  return text;
}

std::string age(Duration time) {
  struct Unit {
    std::int64_t seconds;
    char letter;
  };
  // Each is used from two of it on.
  constexpr std::int64_t day = 24 * 60 * 60;
  constexpr std::array units{Unit{365 * day, 'y'}, Unit{day, 'd'}, Unit{60 * 60, 'h'}, Unit{60, 'm'}};
  const std::int64_t seconds = std::max<std::int64_t>(time.count() / 1'000, 0);
  for (const Unit& unit : units) {
    if (seconds >= 2 * unit.seconds)
      return std::to_string(std::min<std::int64_t>(seconds / unit.seconds, 999)) + unit.letter;
  }
  return std::to_string(seconds) + "s";
}

}  // namespace cairn::cli
