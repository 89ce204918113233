#include "storage/sqlite/os/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace cairn::sqlite::os {
namespace {

FileFacts facts_of(const struct stat& found) {
  FileFacts facts;
  facts.id = {found.st_dev, found.st_ino};
  facts.kind = S_ISREG(found.st_mode)   ? FileFacts::Kind::file
               : S_ISDIR(found.st_mode) ? FileFacts::Kind::folder
                                        : FileFacts::Kind::other;
  facts.bytes = static_cast<std::uint64_t>(found.st_size);
  facts.names = found.st_nlink;
  facts.written = found.st_mtim.tv_sec * std::int64_t{1'000'000'000} + found.st_mtim.tv_nsec;
  facts.permissions = found.st_mode & 0777U;
  return facts;
}

}  // namespace

std::error_code why() noexcept {
  return {errno, std::generic_category()};
}

std::optional<FileFacts> look_at(const std::filesystem::path& file, std::error_code& error) noexcept {
  struct stat found = {};
  error.clear();
  if (::stat(file.c_str(), &found) == 0) return facts_of(found);
  if (errno != ENOENT && errno != ENOTDIR) error = why();
  return std::nullopt;
}

std::optional<FileFacts> look_at(const std::filesystem::path& file) noexcept {
  std::error_code ignored;
  return look_at(file, ignored);
}

std::optional<FileFacts> look_at(const Descriptor& file) noexcept {
  struct stat found = {};
  if (::fstat(file.number(), &found) != 0) return std::nullopt;
  return facts_of(found);
}

bool may(Permission permission, const std::filesystem::path& file) noexcept {
  const int mode = permission == Permission::exist ? F_OK : permission == Permission::read ? R_OK : W_OK;
  return ::faccessat(AT_FDCWD, file.c_str(), mode, AT_EACCESS) == 0;
}

bool set_permissions(const Descriptor& file, unsigned permissions) noexcept {
  return ::fchmod(file.number(), permissions) == 0;
}

bool read_at(const Descriptor& file, std::uint64_t offset, std::span<std::byte> bytes) noexcept {
  return ::pread(file.number(), bytes.data(), bytes.size(), static_cast<off_t>(offset)) ==
         static_cast<ssize_t>(bytes.size());
}

bool write_at(const Descriptor& file, std::uint64_t offset, std::string_view bytes) noexcept {
  return ::pwrite(file.number(), bytes.data(), bytes.size(), static_cast<off_t>(offset)) ==
         static_cast<ssize_t>(bytes.size());
}

bool cut(const Descriptor& file, std::uint64_t bytes) noexcept {
  return ::ftruncate(file.number(), static_cast<off_t>(bytes)) == 0;
}

bool flush(const Descriptor& file) noexcept {
  return ::fsync(file.number()) == 0;
}

bool flush_folder(const std::filesystem::path& folder) {
  const Descriptor opened = open_file(folder, Access::folder);
  return opened.is_open() && flush(opened);
}

void remove(const char* file) noexcept {
  ::unlink(file);
}

bool rename(const char* from, const char* to) noexcept {
  return ::rename(from, to) == 0;
}

}  // namespace cairn::sqlite::os
