#include "tests/faults/disk.hpp"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <system_error>
#include <utility>

namespace cairn::testing {
namespace {

using Act = DiskOperation::Kind;

constexpr std::size_t sector = 512;

bool one_in(std::size_t count, std::mt19937& random) {
  return random() % count == 0;
}

bool is_log(const std::string& name) {
  return name.ends_with("-wal");
}

// The part of a write that lies in its sectors `first` to `last`, counted from its own first.
DiskOperation part(const DiskOperation& write, std::size_t first, std::size_t last) {
  const auto at = static_cast<std::size_t>(write.at);
  const std::size_t begin = std::max(at, (at / sector + first) * sector);
  const std::size_t end = std::min(at + write.bytes.size(), (at / sector + last) * sector);
  if (begin >= end) return {.file = write.file, .at = write.at};
  return {.file = write.file,
          .at = static_cast<std::int64_t>(begin),
          .bytes = write.bytes.substr(begin - at, end - begin)};
}

std::size_t sectors_of(const DiskOperation& write) {
  const auto at = static_cast<std::size_t>(write.at);
  return (at + write.bytes.size() + sector - 1) / sector - at / sector;
}

}  // namespace

void write_image(const Image& image, const std::filesystem::path& folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator{folder})
    std::filesystem::remove(entry.path(), ignored);
  for (const auto& [file, bytes] : image) std::ofstream{folder / file, std::ios::binary} << bytes;
}

Disk::Disk(const Image& image) {
  for (const auto& [name, bytes] : image) {
    files_[name].flushed = bytes;
    files_[name].exists = true;
  }
}

void Disk::carry_out(const DiskOperation& operation) {
  switch (operation.kind) {
    case Act::write:
    case Act::truncate: {
      File& file = files_[operation.file];
      file.removed = false;
      file.pending.push_back(operation);
      break;
    }
    case Act::sync: {
      File& file = files_[operation.file];
      for (const DiskOperation& pending : file.pending) apply(file.flushed, pending);
      file.pending.clear();
      file.exists = true;
      break;
    }
    case Act::remove:
      files_[operation.file].removed = true;
      break;
    case Act::rename:  // flushed with its folder
      files_[operation.bytes] = std::exchange(files_[operation.file], {});
      files_.erase(operation.file);
      break;
    case Act::acknowledge:
      break;
  }
}

bool Disk::holds_back() const {
  return std::any_of(files_.begin(), files_.end(), [](const auto& entry) {
    return !entry.second.pending.empty() || entry.second.removed || !entry.second.exists;
  });
}

Image Disk::after(Loss loss, std::mt19937& random) const {
  Image image;
  for (const auto& [name, file] : files_) {
    const bool keeps = loss == Loss::nothing || (loss == Loss::file_only && is_log(name)) ||
                       (loss == Loss::log_only && !is_log(name));
    const bool loses = loss == Loss::everything || loss == Loss::file_only || loss == Loss::log_only;
    // Names come and go without a flush, or stay as they were.
    if (file.removed && (keeps || (!loses && one_in(2, random)))) continue;
    if (!file.exists && (loses && !keeps)) continue;
    std::string bytes = file.flushed;
    if (keeps) {
      for (const DiskOperation& operation : file.pending) apply(bytes, operation);
    } else if (!loses) {
      damage(bytes, file, loss, random);
    }
    image.emplace(name, std::move(bytes));
  }
  return image;
}

void Disk::apply(std::string& bytes, const DiskOperation& operation) {
  const auto at = static_cast<std::size_t>(operation.at);
  if (operation.kind == Act::truncate) {
    bytes.resize(at);
    return;
  }
  if (operation.bytes.empty()) return;
  if (bytes.size() < at + operation.bytes.size()) bytes.resize(at + operation.bytes.size());
  bytes.replace(at, operation.bytes.size(), operation.bytes);
}

void Disk::damage(std::string& bytes, const File& file, Loss loss, std::mt19937& random) {
  for (std::size_t index = 0; index < file.pending.size(); ++index) {
    const DiskOperation& operation = file.pending[index];
    const bool last = index + 1 == file.pending.size();
    const std::size_t sectors = operation.kind == Act::write ? sectors_of(operation) : 0;
    if (loss == Loss::the_last ? last : loss == Loss::all_but_last ? !last : false) continue;
    if (loss == Loss::some && one_in(2, random)) continue;
    if (last && sectors > 0 && loss == Loss::first_half) {
      apply(bytes, part(operation, 0, (sectors + 1) / 2));
    } else if (last && sectors > 0 && loss == Loss::second_half) {
      apply(bytes, part(operation, sectors / 2, sectors));
    } else if (sectors > 0 && loss == Loss::some_sectors) {
      for (std::size_t one = 0; one < sectors; ++one) {
        if (one_in(2, random)) apply(bytes, part(operation, one, one + 1));
      }
    } else if (sectors > 0 && loss == Loss::garbage && one_in(4, random)) {
      const std::size_t one = random() % sectors;
      DiskOperation scratched = part(operation, one, one + 1);
      for (char& byte : scratched.bytes) byte = static_cast<char>(random());
      apply(bytes, operation);
      apply(bytes, scratched);
    } else {
      apply(bytes, operation);
    }
  }
}

}  // namespace cairn::testing
