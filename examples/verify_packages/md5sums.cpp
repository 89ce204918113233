#include "md5sums.hpp"

#include "text_file.hpp"

#include <algorithm>
#include <cctype>

namespace verify {
namespace {

constexpr std::size_t digest_digits = 32;

// A line that breaks a rule. Becomes an `InputError` where file and number of the line are known.
struct BrokenRule {
  const char* rule;
};

std::string unescape(std::string_view name) {
  std::string plain;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] != '\\') {
      plain += name[i];
      continue;
    }
    const char escaped = ++i < name.size() ? name[i] : '\0';
    switch (escaped) {
      case '\\':
        plain += '\\';
        break;
      case 'n':
        plain += '\n';
        break;
      case 'r':
        plain += '\r';
        break;
      default:
        throw BrokenRule{"a name on a line that begins with \\ has only the escapes \\\\, \\n and \\r"};
    }
  }
  return plain;
}

std::string read_digest(std::string_view line) {
  std::string digest{line.substr(0, digest_digits)};
  const auto is_digit = [](unsigned char character) { return std::isxdigit(character) != 0; };
  if (digest.size() != digest_digits || !std::all_of(digest.begin(), digest.end(), is_digit)) {
    throw BrokenRule{"a line begins with an MD5 digest of 32 hexadecimal digits"};
  }
  std::transform(digest.begin(), digest.end(), digest.begin(),
                 [](unsigned char digit) { return static_cast<char>(std::tolower(digit)); });
  return digest;
}

Md5sum read_line(std::string_view line) {
  const bool escaped = line.front() == '\\';
  if (escaped) line.remove_prefix(1);
  Md5sum sum{.digest = read_digest(line)};
  line.remove_prefix(digest_digits);
  if (!line.starts_with("  ") && !line.starts_with(" *")) {
    throw BrokenRule{"two spaces, or a space and *, stand between digest and name"};
  }
  line.remove_prefix(2);
  if (line.empty()) throw BrokenRule{"a name follows the digest"};
  if (line.find('\0') != std::string_view::npos) throw BrokenRule{"a name holds no NUL byte"};
  sum.path = escaped ? unescape(line) : std::string{line};
  return sum;
}

}  // namespace

std::vector<Md5sum> parse_md5sums(std::string_view text, const std::string& source) {
  std::vector<Md5sum> sums;
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    begin = std::min(end + 1, text.size());
    ++number;
    if (line.empty() || line.front() == '#') continue;
    try {
      sums.push_back(read_line(line));
      sums.back().line_end = begin;
    } catch (const BrokenRule& broken) {
      throw InputError(printable(source) + ":" + std::to_string(number) + ": " + broken.rule);
    }
  }
  return sums;
}

}  // namespace verify
