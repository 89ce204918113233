#pragma once

#include "tests/faults/disk_log.hpp"

#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace cairn::testing {

/// The files of a folder, by name: what a program finds after the power came back.
using Image = std::map<std::string, std::string>;

/// Makes the files of an image the only ones of a folder.
void write_image(const Image& image, const std::filesystem::path& folder);

/// What the power takes from what was not flushed.
enum class Loss : std::uint8_t {
  nothing,       ///< the machine stays up, only the program is gone
  everything,    ///< of every file what was flushed last
  the_last,      ///< the last write
  all_but_last,  ///< the writes are carried out backwards: only the last one was
  first_half,    ///< the first sectors of the last write
  second_half,   ///< the last sectors of it
  log_only,      ///< what was written to the log
  file_only,     ///< what was written to the file
  some,          ///< each write, or not, by chance
  some_sectors,  ///< each sector of each write, or not
  garbage,       ///< some sectors that were being written hold what nobody wrote
};
inline constexpr Loss all_losses[] = {
    Loss::nothing,  Loss::everything, Loss::the_last, Loss::all_but_last, Loss::first_half, Loss::second_half,
    Loss::log_only, Loss::file_only,  Loss::some,     Loss::some_sectors, Loss::garbage};

/// A disk that holds back what was not flushed. A sector of 512 bytes is written as a whole or not; bytes
/// outside of a write are never harmed, as SQLite assumes of today's disks ("powersafe overwrite",
/// sqlite.org/psow.html).
class Disk {
 public:
  Disk() = default;
  /// One that holds these files, flushed.
  explicit Disk(const Image& image);

  void carry_out(const DiskOperation& operation);
  /// Whether anything may be lost.
  [[nodiscard]] bool holds_back() const;
  /// What stays when the power fails now.
  [[nodiscard]] Image after(Loss loss, std::mt19937& random) const;

 private:
  struct File {
    std::string flushed;
    bool exists = false;   ///< whether a flush has made its name durable
    bool removed = false;  ///< its name was removed, which no flush has made durable
    std::vector<DiskOperation> pending;
  };

  static void apply(std::string& bytes, const DiskOperation& operation);
  static void damage(std::string& bytes, const File& file, Loss loss, std::mt19937& random);

  std::map<std::string, File> files_;
};

}  // namespace cairn::testing
