#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace verify {

// One line of an md5sum list.
struct Md5sum {
  std::string digest = {};   // 32 lower-case hexadecimal digits
  std::string path = {};     // as listed, escapes undone
  std::size_t line_end = 0;  // where the next line begins in the text
  bool operator==(const Md5sum&) const = default;
};

// Reads a list as md5sum(1) and dpkg write it: digest, space, space or `*`, name. A line that begins with `\`
// has `\\`,
// `\n` and `\r` in its name. Empty lines and lines that begin with `#` are passed over, as `md5sum --check`
// does.
//
// Throws `InputError` that names `source`, the line and the rule it breaks.
[[nodiscard]] std::vector<Md5sum> parse_md5sums(std::string_view text, const std::string& source);

}  // namespace verify
