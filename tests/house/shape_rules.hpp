#pragma once

#include "tests/house/source_tree.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace house {

/// Functions of more than `lines_max` lines, from the head to the closing brace. Functions inside of others,
/// such as lambdas, count as part of these.
std::vector<Violation> check_functions(std::string_view path, std::string_view text, int lines_max);

/// Who includes whom.
using Includes = std::map<std::string, std::set<std::string>>;

/// Of the files among each other. `<cairn/...>` stands for include/cairn/.
Includes includes_of(const std::vector<SourceFile>& files);

/// The same of the folders that the files are in. A `detail` is part of the folder that it is in.
Includes folders_of(const Includes& includes);

/// A circle, from one name back to it; empty: there is none.
std::vector<std::string> find_circle(const Includes& includes);

}  // namespace house
