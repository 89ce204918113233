#include "storage/sqlite/file_check.hpp"

#include "storage/sqlite/file_lock.hpp"
#include "storage/sqlite/migrations.hpp"
#include "storage/sqlite/open_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>

namespace cairn::sqlite {
namespace {

[[noreturn]] void refuse(Errc code, const std::filesystem::path& file, const std::string& why) {
  throw Error{code, file.string() + " " + why};
}

// The first bytes of every SQLite file; numbers are big-endian (sqlite.org/fileformat2.html).
using Header = std::array<unsigned char, 100>;

std::uint32_t number_at(const Header& header, std::size_t at, std::size_t bytes) {
  std::uint32_t number = 0;
  for (std::size_t index = at; index < at + bytes; ++index) number = number << 8 | header[index];
  return number;
}

bool is_sqlite(const Header& header) {
  constexpr std::string_view magic{"SQLite format 3\0", 16};
  return std::memcmp(header.data(), magic.data(), magic.size()) == 0;
}

std::uint64_t page_bytes(const Header& header) {
  const std::uint32_t stored = number_at(header, 16, 2);
  return stored == 1 ? 65536 : stored;
}

std::uint64_t size_of(const std::string& file) {
  struct stat found = {};
  return ::stat(file.c_str(), &found) == 0 ? static_cast<std::uint64_t>(found.st_size) : 0;
}

void check_format(const std::filesystem::path& file, std::int64_t id, std::int64_t version) {
  if (id != application_id) refuse(Errc::not_a_cairn_file, file, "is a SQLite database of another program");
  const auto newest = static_cast<std::int64_t>(migrations.size());
  if (version > newest) {
    refuse(Errc::file_is_newer, file,
           "has format " + std::to_string(version) + ", and this cairn knows formats up to " +
               std::to_string(newest));
  }
  if (version < 1) refuse(Errc::not_a_cairn_file, file, "has no format number");
}

void check_header(const std::filesystem::path& file, std::uint64_t file_bytes) {
  const Descriptor descriptor{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!descriptor.is_open()) {
    refuse(Errc::file_is_read_only, file, "cannot be read: " + std::generic_category().message(errno));
  }
  Header header = {};
  const bool is_whole = ::pread(descriptor.number(), header.data(), header.size(), 0) ==
                        ssize_t{header.size()};
  // With a log beside it the file may lag behind, and when the power failed in a checkpoint, its first page
  // may be damaged, which is whole in the log. SQLite decides then, and `check_opened`.
  if (size_of(file.string() + "-wal") > 0) return;
  if (!is_whole || !is_sqlite(header)) refuse(Errc::not_a_cairn_file, file, "is no SQLite database");
  check_format(file, number_at(header, 68, 4), number_at(header, 60, 4));
  const std::uint64_t stated = page_bytes(header) * number_at(header, 28, 4);
  if (file_bytes < stated) {
    refuse(Errc::not_a_cairn_file, file,
           "is cut off: it has " + std::to_string(file_bytes) + " of " + std::to_string(stated) + " bytes");
  }
}

void check_regular(const std::filesystem::path& file, const struct stat& found) {
  if (S_ISREG(found.st_mode)) return;
  refuse(Errc::not_a_cairn_file, file, S_ISDIR(found.st_mode) ? "is a folder" : "is not a regular file");
}

void check_writable(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.parent_path();
  if (::faccessat(AT_FDCWD, folder.c_str(), F_OK, AT_EACCESS) != 0) {
    refuse(Errc::store_failed, file, "cannot be made: there is no folder " + folder.string());
  }
  // SQLite keeps its log, and we the lock file, beside the file.
  if (::faccessat(AT_FDCWD, folder.c_str(), W_OK, AT_EACCESS) != 0) {
    refuse(Errc::file_is_read_only, file, "lies in a folder that cannot be written");
  }
  if (::faccessat(AT_FDCWD, file.c_str(), F_OK, AT_EACCESS) != 0) return;
  if (::faccessat(AT_FDCWD, file.c_str(), R_OK | W_OK, AT_EACCESS) != 0) {
    refuse(Errc::file_is_read_only, file, "cannot be written");
  }
}

}  // namespace

std::filesystem::path resolve(const std::filesystem::path& file) {
  std::error_code error;
  const std::filesystem::path resolved = std::filesystem::weakly_canonical(std::filesystem::absolute(file),
                                                                           error);
  if (error) throw Error{Errc::store_failed, file.string() + ": " + error.message()};
  return resolved;
}

FileState check_file(const std::filesystem::path& file) {
  OpenFiles& open_files = OpenFiles::of_this_process();
  const auto lock = open_files.lock();
  struct stat found = {};
  const bool exists = ::stat(file.c_str(), &found) == 0;
  if (exists && open_files.contains({found.st_dev, found.st_ino})) {
    refuse(Errc::file_is_owned, file, "is owned by this process (" + std::to_string(::getpid()) + ")");
  }
  if (exists) check_regular(file, found);
  const auto bytes = static_cast<std::uint64_t>(found.st_size);
  if (exists && bytes > 0) check_header(file, bytes);
  check_writable(file);
  if (exists && bytes > 0) return FileState::ours;
  if (size_of(file.string() + "-wal") > 0) {
    refuse(Errc::not_a_cairn_file, file, "is missing, but its log " + file.string() + "-wal is there");
  }
  return FileState::missing;
}

void check_readable(const std::filesystem::path& file, const std::unique_lock<std::mutex>& /*lock*/) {
  struct stat found = {};
  if (::stat(file.c_str(), &found) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) refuse(Errc::not_a_cairn_file, file, "does not exist");
    refuse(Errc::file_is_read_only, file, "cannot be read: " + std::generic_category().message(errno));
  }
  check_regular(file, found);
  // What this process has open has been checked.
  if (OpenFiles::of_this_process().contains({found.st_dev, found.st_ino})) return;
  if (found.st_size == 0) refuse(Errc::not_a_cairn_file, file, "is empty");
  check_header(file, static_cast<std::uint64_t>(found.st_size));
}

void check_opened(Connection& connection, const std::filesystem::path& file) {
  check_format(file, connection.pragma("application_id"), connection.pragma("user_version"));
  const auto bytes_a_page = static_cast<std::uint64_t>(connection.pragma("page_size"));
  const auto pages = static_cast<std::uint64_t>(connection.pragma("page_count"));
  const std::uint64_t pages_in_log = size_of(file.string() + "-wal") / bytes_a_page;
  if (size_of(file.string()) / bytes_a_page + pages_in_log < pages)
    refuse(Errc::not_a_cairn_file, file, "is cut off");
}

}  // namespace cairn::sqlite
