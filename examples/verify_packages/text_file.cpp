#include "text_file.hpp"

#include <cairn/id.hpp>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

namespace verify {
namespace {

std::ifstream open_text(const std::filesystem::path& file) {
  errno = 0;
  std::ifstream stream{file, std::ios::binary};
  if (!stream) throw InputError(printable(file.native()) + ": " + std::generic_category().message(errno));
  return stream;
}

void refuse_a_failed_read(const std::ifstream& stream, const std::filesystem::path& file) {
  if (stream.bad())
    throw InputError(printable(file.native()) +
                     ": cannot be read: " + std::generic_category().message(errno));
}

}  // namespace

std::string read_text(const std::filesystem::path& file) {
  if (std::error_code ignored; std::filesystem::is_directory(file, ignored)) {
    throw InputError(printable(file.native()) + ": is a directory");
  }
  std::ifstream stream = open_text(file);
  std::string text{std::istreambuf_iterator<char>{stream}, {}};
  refuse_a_failed_read(stream, file);
  return text;
}

std::string read_text(const std::filesystem::path& file, std::int64_t offset, std::int64_t length) {
  std::ifstream stream = open_text(file);
  std::string text(static_cast<std::size_t>(length), '\0');
  stream.seekg(offset);
  stream.read(text.data(), length);
  refuse_a_failed_read(stream, file);
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

std::string printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  const bool valid = cairn::is_utf8(text);
  std::string shown;
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !valid)) {
      shown += "\\x";
      shown += digits[byte >> 4];
      shown += digits[byte & 15];
    } else {
      shown += character;
    }
  }
  return shown;
}

}  // namespace verify
