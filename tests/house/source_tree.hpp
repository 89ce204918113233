#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// The checkout as text, for the tests that read it.
namespace house {

struct SourceFile {
  std::string path;  ///< relative to the checkout, with '/'
  std::string text;
};

/// One place where a rule is broken, as the tests print it.
struct Violation {
  std::string path;
  int line = 0;
  std::string message;
};

std::ostream& operator<<(std::ostream& out, const Violation& violation);

/// The checkout that this test was built from.
std::filesystem::path source_dir();

/// Throws `std::runtime_error` when it cannot be read.
std::string read_file(const std::filesystem::path& path);

/// C++ sources and headers below the folders, sorted by path.
std::vector<SourceFile> cpp_files(const std::vector<std::string_view>& folders);

/// Everything that people write below the folders: code, scripts, CMake, SQL and prose. An empty name stands
/// for the files directly in the checkout.
std::vector<SourceFile> text_files(const std::vector<std::string_view>& folders);

/// The lines of a text, without their ends.
std::vector<std::string_view> lines(std::string_view text);

/// The same text with comments and the contents of string and character literals replaced by spaces. Line
/// ends stay, so that lines keep their numbers.
std::string code_only(std::string_view text);

/// The number, from 1, of the line that holds the offset.
int line_at(std::string_view text, std::size_t offset);

}  // namespace house
