#include "storage/sqlite/os/processes.hpp"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

namespace cairn::sqlite::os {
namespace {

namespace fs = std::filesystem;

std::optional<int> number_of(const std::string& name) {
  int number = 0;
  const auto read = std::from_chars(name.data(), name.data() + name.size(), number);
  if (read.ec != std::errc{} || read.ptr != name.data() + name.size()) return std::nullopt;
  return number;
}

// What the kernel says of a descriptor has a line for each lock that was taken by it, also in a child.
bool holds_lock(const fs::path& process, const fs::path& descriptor) {
  std::ifstream info{process / "fdinfo" / descriptor.filename()};
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("lock:") && line.find("FLOCK") != std::string::npos) return true;
  }
  return false;
}

bool locks(const fs::path& process, const FileId& file) {
  std::error_code error;
  for (fs::directory_iterator next{process / "fd", error}, end; !error && next != end;
       next.increment(error)) {
    const std::optional<FileFacts> facts = look_at(next->path());
    if (facts && facts->id == file && holds_lock(process, next->path())) return true;
  }
  return false;
}

}  // namespace

int process_number() noexcept {
  return ::getpid();
}

bool is_running(int process) noexcept {
  return ::kill(process, 0) == 0 || errno == EPERM;
}

std::optional<int> find_locker(const FileId& file) {
  std::error_code error;
  for (fs::directory_iterator next{"/proc", error}, end; !error && next != end; next.increment(error)) {
    const std::optional<int> process = number_of(next->path().filename().string());
    if (process && *process != process_number() && locks(next->path(), file)) return process;
  }
  return std::nullopt;
}

}  // namespace cairn::sqlite::os
