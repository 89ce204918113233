#pragma once

#include "tests/house/source_tree.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What the documents say, held against the code.
namespace house {

/// The page or file of the checkout as one line: each stretch of white space is a blank.
std::string in_one_line(const std::string& path);

/// What stands in that file in place of the only group of the regular expression. Throws `std::runtime_error`
/// when it stands nowhere: then the claim needs another look.
std::string in_code(const std::string& path, const std::string& pattern);

/// The same as a number; digits may be grouped.
std::uint64_t number_in_code(const std::string& path, const std::string& pattern);

/// As documents write it: 16,384.
std::string grouped(std::uint64_t number);

/// What documents call by their paths, in backticks, and the checkout does not have.
std::vector<Violation> check_named_files(const SourceFile& page);

/// Links to pages and headings that are not there. `page` stands where its path says.
std::vector<Violation> check_links(const SourceFile& page);

/// `Type::member` in backticks, for types of the public headers, that no public header has.
std::vector<Violation> check_named_members(const SourceFile& page, const std::vector<SourceFile>& headers);

/// Variables `CAIRN_…` that no source asks for, by `code`, all sources as one text.
std::vector<Violation> check_named_variables(const SourceFile& page, std::string_view code);

}  // namespace house
