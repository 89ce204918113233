#include "storage/sqlite/file_check.hpp"

#include "storage/sqlite/file_mark.hpp"
#include "storage/sqlite/migrations.hpp"
#include "storage/sqlite/open_files.hpp"
#include "storage/sqlite/os/files.hpp"

#include <array>
#include <cstring>
#include <optional>
#include <span>
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

// Nobody may read it; or the machine has no descriptor to spare, which passes.
[[noreturn]] void refuse_unreadable(const std::filesystem::path& file, std::error_code error) {
  const bool forbidden = error == std::errc::permission_denied || error == std::errc::operation_not_permitted;
  refuse(forbidden ? Errc::file_is_read_only : Errc::store_failed, file,
         "cannot be read: " + error.message());
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
  const os::Descriptor descriptor = os::open_file(file, os::Access::read);
  if (!descriptor.is_open()) refuse_unreadable(file, os::why());
  Header header = {};
  const bool is_whole = os::read_at(descriptor, 0, std::as_writable_bytes(std::span{header}));
  if (!is_whole && file_bytes >= header.size()) refuse_unreadable(file, os::why());
  // With a log beside it the file may lag behind, and when the power failed in a checkpoint, its first page
  // may be damaged, which is whole in the log. SQLite decides then, and `check_opened`.
  if (bytes_of(log_name(file)) > 0) return;
  if (!is_whole || !is_sqlite(header)) refuse(Errc::not_a_cairn_file, file, "is no SQLite database");
  check_format(file, number_at(header, 68, 4), number_at(header, 60, 4));
  const std::uint64_t stated = page_bytes(header) * number_at(header, 28, 4);
  if (file_bytes < stated) {
    refuse(Errc::not_a_cairn_file, file,
           "is cut off: it has " + std::to_string(file_bytes) + " of " + std::to_string(stated) + " bytes");
  }
}

void check_regular(const std::filesystem::path& file, const os::FileFacts& found) {
  using Kind = os::FileFacts::Kind;
  if (found.kind == Kind::file) return;
  refuse(Errc::not_a_cairn_file, file, found.kind == Kind::folder ? "is a folder" : "is not a regular file");
}

// That the kernel has failed to look is no answer: the next try may have one.
[[noreturn]] void refuse_unwritable(const std::filesystem::path& file, const std::string& why) {
  const std::error_code error = os::why();
  const bool forbidden = error == std::errc::permission_denied ||
                         error == std::errc::operation_not_permitted ||
                         error == std::errc::read_only_file_system;
  refuse(forbidden ? Errc::file_is_read_only : Errc::store_failed, file,
         forbidden ? why : why + ": " + error.message());
}

void check_writable(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.parent_path();
  if (!os::may(os::Permission::exist, folder)) {
    refuse(Errc::store_failed, file, "cannot be made: there is no folder " + folder.string());
  }
  // SQLite keeps its log, and we the lock file, beside the file.
  if (!os::may(os::Permission::write, folder)) {
    refuse_unwritable(file, "lies in a folder that cannot be written");
  }
  for (const std::filesystem::path& name : {file, log_name(file), index_name(file)}) {
    if (!os::may(os::Permission::exist, name)) continue;
    if (!os::may(os::Permission::read, name) || !os::may(os::Permission::write, name))
      refuse_unwritable(name, "cannot be written");
  }
}

// Where a chain of symbolic links leads to, be there a file or not.
std::filesystem::path follow(std::filesystem::path path) {
  constexpr int links_max = 40;  // as the kernel
  for (int links = 0; std::filesystem::is_symlink(std::filesystem::symlink_status(path)); ++links) {
    if (links == links_max) throw Error{Errc::store_failed, path.string() + ": too many symbolic links"};
    const std::filesystem::path target = std::filesystem::read_symlink(path);
    path = target.is_absolute() ? target : path.parent_path() / target;
  }
  return path;
}

}  // namespace

std::uint64_t bytes_of(const std::filesystem::path& file) {
  std::error_code error;
  const auto facts = os::look_at(file, error);
  if (error) refuse_unreadable(file, error);
  return facts ? facts->bytes : 0;
}

std::filesystem::path resolve(const std::filesystem::path& file) {
  if (file.empty()) throw Error{Errc::invalid_argument, "file: must be a path, is empty"};
  if (file.native().find('\0') != std::string::npos)
    throw Error{Errc::invalid_argument, "file: must not contain a NUL, as the system's paths end there"};
  try {
    const std::filesystem::path path = follow(std::filesystem::absolute(file));
    if (std::filesystem::exists(path)) return std::filesystem::canonical(path);
    return std::filesystem::weakly_canonical(path.parent_path()) / path.filename();
  } catch (const std::filesystem::filesystem_error& error) {
    throw Error{Errc::store_failed, file.string() + ": " + error.code().message()};
  }
}

FileState check_file(const std::filesystem::path& file) {
  OpenFiles& open_files = OpenFiles::of_this_process();
  const auto lock = open_files.lock();
  std::error_code error;
  const auto found = os::look_at(file, error);
  if (error) refuse_unreadable(file, error);
  if (found) {
    const std::optional<std::string> owner = open_files.owner_of(found->id);
    if (owner) refuse(Errc::file_is_owned, file, "is owned by " + *owner);
  }
  if (found) check_regular(file, *found);
  if (found && found->bytes > 0) check_header(file, found->bytes);
  check_writable(file);
  if (found && found->bytes > 0) return FileState::ours;
  if (bytes_of(log_name(file)) > 0) {
    refuse(Errc::not_a_cairn_file, file, "is missing, but its log " + log_name(file).string() + " is there");
  }
  return FileState::missing;
}

void check_readable(const std::filesystem::path& file, const std::unique_lock<std::mutex>& /*lock*/) {
  std::error_code error;
  const auto found = os::look_at(file, error);
  if (error) refuse_unreadable(file, error);
  if (!found) refuse(Errc::not_a_cairn_file, file, "does not exist");
  check_regular(file, *found);
  // What this process has open has been checked.
  if (OpenFiles::of_this_process().contains(found->id)) return;
  if (found->bytes == 0) refuse(Errc::not_a_cairn_file, file, "is empty");
  check_header(file, found->bytes);
}

void check_opened(Connection& connection, const std::filesystem::path& file) {
  check_format(file, connection.pragma("application_id"), connection.pragma("user_version"));
  const auto bytes_a_page = static_cast<std::uint64_t>(connection.pragma("page_size"));
  const auto pages = static_cast<std::uint64_t>(connection.pragma("page_count"));
  const std::uint64_t pages_in_log = bytes_of(log_name(file)) / bytes_a_page;
  if (bytes_of(file) / bytes_a_page + pages_in_log < pages)
    refuse(Errc::not_a_cairn_file, file, "is cut off");
}

}  // namespace cairn::sqlite
