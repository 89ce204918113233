#pragma once

#include "tests/faults/disk_log.hpp"

#include <cstddef>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::testing {

/// The files of a folder, by name: what a program finds after the power came back.
using Image = std::map<std::string, std::string>;

/// Makes the files of an image the only ones of a folder.
void write_image(const Image& image, const std::filesystem::path& folder);

/// What the power takes from what was not flushed.
enum class Loss : std::uint8_t {
  nothing,        ///< the machine stays up, only the program is gone
  everything,     ///< of every file what was flushed last, under the names that were flushed last
  the_last,       ///< the last write
  all_but_last,   ///< the writes are carried out backwards: only the last one was
  first_half,     ///< the first sectors of the last write
  second_half,    ///< the last sectors of it
  log_only,       ///< what was written to the log
  file_only,      ///< what was written to the file
  names_only,     ///< that files were made, renamed or removed; what was written is there
  all_but_names,  ///< what was written; files have their new names, and may be empty
  some,           ///< each write and each name, or not, by chance
  some_sectors,   ///< each sector of each write, or not
  garbage,        ///< some sectors that were being written hold what nobody wrote
};
inline constexpr Loss all_losses[] = {
    Loss::nothing,     Loss::everything,   Loss::the_last,  Loss::all_but_last, Loss::first_half,
    Loss::second_half, Loss::log_only,     Loss::file_only, Loss::names_only,   Loss::all_but_names,
    Loss::some,        Loss::some_sectors, Loss::garbage};
[[nodiscard]] std::string_view to_string(Loss loss);
/// Whether chance decides what is lost.
[[nodiscard]] bool is_random(Loss loss);

/// A disk that holds back what was not flushed: the content of a file until the file is flushed, and its name
/// until the folder is. A sector of 512 bytes is written as a whole or not; bytes outside of a write are
/// never harmed, as SQLite assumes of today's disks ("powersafe overwrite", sqlite.org/psow.html).
class Disk {
 public:
  Disk() = default;
  /// With these files, all of them flushed.
  explicit Disk(const Image& image);

  void carry_out(const DiskOperation& operation);
  /// Whether anything may be lost.
  [[nodiscard]] bool holds_back() const;
  /// What stays when the power fails now.
  [[nodiscard]] Image after(Loss loss, std::mt19937& random) const;

 private:
  struct File {
    std::string flushed;
    std::vector<DiskOperation> pending;
  };
  using Number = std::size_t;  // of a file, whatever its name is
  using Names = std::map<std::string, Number>;
  /// One of: a file got a name, lost it, or got another one; nothing else happens to half of it.
  struct NameChange {
    std::string lost;
    std::string got;
    Number file = 0;
  };

  [[nodiscard]] File& file(const std::string& name);
  void change(NameChange change);
  [[nodiscard]] Names names_after(Loss loss, std::mt19937& random) const;
  static void apply(Names& names, const NameChange& change);
  static void apply(std::string& bytes, const DiskOperation& operation);
  static void damage(std::string& bytes, const File& file, Loss loss, std::mt19937& random);

  std::vector<File> files_;
  Names names_;  // as a program sees them
  Names flushed_names_;
  std::vector<NameChange> pending_names_;
};

}  // namespace cairn::testing
