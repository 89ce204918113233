#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace verify {

// Something that the audit was told to read cannot be read, or is not what it should be. The message names
// the file.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The whole file. Throws `InputError`.
[[nodiscard]] std::string read_text(const std::filesystem::path& file);

// `length` bytes from `offset` on; fewer when the file is shorter. Throws `InputError`.
[[nodiscard]] std::string read_text(const std::filesystem::path& file, std::int64_t offset,
                                    std::int64_t length);

// The text in a form that any terminal and any JSON takes: control characters and whatever is no UTF-8 as
// `\xHH`. For showing only: a file is never looked for under this name.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace verify
