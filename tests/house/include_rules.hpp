#pragma once

#include "tests/house/source_tree.hpp"

#include <string_view>
#include <vector>

namespace house {

/// Who may include what: the picture of the house, as a rule. Says nothing about tests/.
std::vector<Violation> check_includes(std::string_view path, std::string_view text);

/// Files that the nearest CMakeLists.txt above them does not name: they are not built, or not installed.
std::vector<Violation> check_listed(const std::vector<SourceFile>& files,
                                    const std::vector<SourceFile>& lists);

}  // namespace house
