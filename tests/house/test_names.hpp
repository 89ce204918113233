#pragma once

#include "tests/house/source_tree.hpp"

#include <set>
#include <string>
#include <string_view>
#include <vector>

/// The pages that say which test proves what, held against the sources.
namespace house {

/// `Suite.Name` of every test in the files.
std::set<std::string> test_names(const std::vector<SourceFile>& files);

/// Whatever a page shows as code and in the form of a test's name, but no test bears.
std::vector<Violation> check_named_tests(std::string_view path, std::string_view text,
                                         const std::set<std::string>& tests);

/// The tables of failures: each row has its number, what happens, what cairn does, and what proves it or why
/// nothing does; the numbers of a group follow each other.
std::vector<Violation> check_failure_rows(std::string_view path, std::string_view text);

}  // namespace house
