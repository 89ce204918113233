#include "dpkg_database.hpp"

#include "text_file.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <system_error>
#include <utility>

namespace verify {
namespace {

constexpr std::string_view spaces = " \t\r\n\v\f";

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(spaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// `/usr/bin/x` for `usr/bin/x`, `./usr/bin/x` and itself: the form that diversions and filters are written
// in.
std::string absolute_form(std::string_view path) {
  if (path.starts_with("./")) path.remove_prefix(2);
  return path.starts_with('/') ? std::string{path} : "/" + std::string{path};
}

std::string_view without_architecture(std::string_view package) {
  return package.substr(0, package.find(':'));
}

// One package's paragraph of the status file: the fields that count here, by name in lower case.
using Paragraph = std::map<std::string, std::string, std::less<>>;

std::string_view field(const Paragraph& paragraph, std::string_view name) {
  const auto found = paragraph.find(name);
  return found == paragraph.end() ? std::string_view{} : std::string_view{found->second};
}

// `Status` is want, flag and state, such as `install ok installed`.
bool is_installed(const Paragraph& paragraph) {
  const std::string_view status = field(paragraph, "status");
  return status.substr(status.find_last_of(spaces) + 1) == "installed";
}

std::string name_of(const Paragraph& paragraph) {
  std::string name{field(paragraph, "package")};
  if (field(paragraph, "multi-arch") == "same") name.append(":").append(field(paragraph, "architecture"));
  return name;
}

void read_field(std::string_view line, Paragraph& paragraph) {
  const std::size_t colon = line.find(':');
  if (line.starts_with(' ') || line.starts_with('\t') || colon == std::string_view::npos)
    return;  // goes on with the field before
  std::string name{line.substr(0, colon)};
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  if (name == "package" || name == "status" || name == "architecture" || name == "multi-arch") {
    paragraph[name] = trim(line.substr(colon + 1));
  }
}

// `name value`, `name=value` and `name = value` are the same to dpkg; the value may stand in quotes.
std::pair<std::string_view, std::string_view> option_of(std::string_view line) {
  const auto in_name = [](unsigned char character) {
    return std::isalnum(character) != 0 || character == '-';
  };
  const auto end = std::find_if_not(line.begin(), line.end(), in_name);
  const std::string_view name{line.begin(), end};
  std::string_view value = trim({end, line.end()});
  if (value.starts_with('=')) value = trim(value.substr(1));
  const bool quoted = value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
                      value.back() == value.front();
  return {name, quoted ? value.substr(1, value.size() - 2) : value};
}

// dpkg passes over the names that editors and its own conffile handling leave behind, such as `x.dpkg-old`.
bool is_configuration_name(const std::string& name) {
  return std::all_of(name.begin(), name.end(), [](unsigned char character) {
    return std::isalnum(character) != 0 || character == '_' || character == '-';
  });
}

}  // namespace

std::vector<std::string> installed_packages(const Root& root) {
  const std::filesystem::path file = root.locate("var/lib/dpkg/status");
  const std::string text = read_text(file);
  std::vector<std::string> packages;
  Paragraph paragraph;
  const auto end_of_paragraph = [&] {
    if (is_installed(paragraph)) packages.push_back(name_of(paragraph));
    paragraph.clear();
  };
  for (const std::string_view line : lines_of(text)) {
    if (trim(line).empty()) {
      end_of_paragraph();
    } else {
      read_field(line, paragraph);
    }
  }
  end_of_paragraph();

  std::sort(packages.begin(), packages.end());
  if (!packages.empty() && packages.front().empty()) {
    throw InputError(printable(file.native()) + ": an installed package without a name");
  }
  if (const auto twice = std::adjacent_find(packages.begin(), packages.end()); twice != packages.end()) {
    throw InputError(printable(file.native()) + ": the package " + printable(*twice) + " is installed twice");
  }
  return packages;
}

std::string md5sums_list(std::string_view package) {
  return "/var/lib/dpkg/info/" + std::string{package} + ".md5sums";
}

Diversions::Diversions(const Root& root) {
  const std::filesystem::path file = root.locate("var/lib/dpkg/diversions");
  if (!std::filesystem::exists(file)) return;
  const std::string text = read_text(file);
  const std::vector<std::string_view> lines = lines_of(text);
  if (lines.size() % 3 != 0) {
    throw InputError(printable(file.native()) + ": a diversion is three lines, and the last one has " +
                     std::to_string(lines.size() % 3));
  }
  for (std::size_t i = 0; i < lines.size(); i += 3) {
    diversions_[absolute_form(lines[i])] = {.to = absolute_form(lines[i + 1]),
                                            .by = std::string{lines[i + 2]}};
  }
}

std::string Diversions::place_of(std::string_view path, std::string_view package) const {
  std::string place = absolute_form(path);
  const auto found = diversions_.find(place);
  if (found == diversions_.end() || found->second.by == without_architecture(package)) return place;
  return found->second.to;
}

PathFilters::PathFilters(const Root& root) {
  std::vector<std::filesystem::path> files;
  const std::filesystem::path folder = root.locate("etc/dpkg/dpkg.cfg.d");
  if (std::filesystem::is_directory(folder)) {
    for (const auto& entry : std::filesystem::directory_iterator{folder}) {
      if (is_configuration_name(entry.path().filename().native())) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  files.push_back(root.locate("etc/dpkg/dpkg.cfg"));
  for (const std::filesystem::path& file : files) {
    if (std::filesystem::exists(file)) read(file);
  }
}

void PathFilters::read(const std::filesystem::path& file) {
  const std::string text = read_text(file);
  for (const std::string_view line : lines_of(text)) {
    const auto [name, value] = option_of(trim(line));
    if (name != "path-exclude" && name != "path-include") continue;
    filters_.push_back({.pattern = std::string{value}, .include = name == "path-include"});
  }
}

bool PathFilters::excludes(std::string_view path) const {
  const std::string absolute = absolute_form(path);
  // No flags: `*` matches `/` too, as in dpkg.
  const auto matches = [&](const Filter& filter) {
    return ::fnmatch(filter.pattern.c_str(), absolute.c_str(), 0) == 0;
  };
  const auto last = std::find_if(filters_.rbegin(), filters_.rend(), matches);
  return last != filters_.rend() && !last->include;
}

}  // namespace verify
