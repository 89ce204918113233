#pragma once

#include <cairn/time.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace cairn::cli {

// A table of plain columns, as wide as what stands in them.
class Columns {
 public:
  explicit Columns(std::vector<std::string> heads);
  // One text for each head.
  void add(std::vector<std::string> row);
  // Every line ends with a line feed, none with blanks.
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> widths_;
};

// In at most four characters: `12s`, `5m`, `3h`, `200d`, `12y`.
[[nodiscard]] std::string age(Duration time);

}  // namespace cairn::cli
