#pragma once

#include <cstdint>
#include <filesystem>
#include <utility>

namespace cairn::sqlite::os {

// A file descriptor that closes itself.
//
// Closing any descriptor of a file takes all POSIX locks on it from this process, those of SQLite among them
// (fcntl(2)). So one of a file that SQLite has open lives until SQLite has closed it, see `OpenFiles`.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_{number} {}
  Descriptor(Descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

enum class Access : std::uint8_t {
  read,
  write,     // and read
  make,      // the same; makes the file if there is none
  make_new,  // the same; there must be none
  folder,    // for a flush of the names in it
};

// Opens a file that is no symbolic link, by a number above those of the standard streams: a program that was
// started without these would print into it. A file that is made has these permissions. When the answer is
// not open, `why()` says why.
[[nodiscard]] Descriptor open_file(const std::filesystem::path& file, Access access,
                                   unsigned permissions = 0600);

}  // namespace cairn::sqlite::os
