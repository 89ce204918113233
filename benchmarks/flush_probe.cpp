#include "benchmarks/flush_probe.hpp"

#include "benchmarks/support.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

namespace cairn::benchmarks {
namespace {

constexpr std::size_t times = 200;

class File {
 public:
  explicit File(const std::filesystem::path& path)
      : descriptor_{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600)} {
    if (descriptor_ < 0) throw std::system_error{errno, std::generic_category(), path.string()};
  }
  ~File() { ::close(descriptor_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void append_durably(const std::array<char, 4'096>& block) const {
    const ssize_t written = ::write(descriptor_, block.data(), block.size());
    if (written != static_cast<ssize_t>(block.size()) || ::fdatasync(descriptor_) != 0) {
      throw std::system_error{errno, std::generic_category(), "flush probe"};
    }
  }

 private:
  int descriptor_;
};

}  // namespace

double probe_flush(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "flush-probe";
  std::array<char, 4'096> block{};
  block.fill('f');
  std::vector<double> seconds;
  const File file{path};
  while (seconds.size() < times) {
    const Stopwatch watch;
    file.append_durably(block);
    seconds.push_back(watch.seconds());
  }
  std::filesystem::remove(path);
  return median(std::move(seconds));
}

}  // namespace cairn::benchmarks
