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

constexpr std::string_view loss_words[] = {"nothing",    "everything",    "the last", "all but the last",
                                           "first half", "second half",   "log only", "file only",
                                           "names only", "all but names", "some",     "some sectors",
                                           "garbage"};

}  // namespace

std::string_view to_string(Loss loss) {
  return loss_words[static_cast<std::size_t>(loss)];
}

bool is_random(Loss loss) {
  return loss == Loss::some || loss == Loss::some_sectors || loss == Loss::garbage;
}

void write_image(const Image& image, const std::filesystem::path& folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator{folder})
    std::filesystem::remove(entry.path(), ignored);
  for (const auto& [file, bytes] : image) std::ofstream{folder / file, std::ios::binary} << bytes;
}

Disk::Disk(const Image& image) {
  for (const auto& [name, bytes] : image) {
    names_.emplace(name, files_.size());
    files_.push_back({.flushed = bytes, .pending = {}});
  }
  flushed_names_ = names_;
}

void Disk::carry_out(const DiskOperation& operation) {
  switch (operation.kind) {
    case Act::create:
      static_cast<void>(file(operation.file));
      break;
    case Act::write:
    case Act::truncate:
      file(operation.file).pending.push_back(operation);
      break;
    case Act::sync: {
      File& flushed = file(operation.file);
      for (const DiskOperation& pending : flushed.pending) apply(flushed.flushed, pending);
      flushed.pending.clear();
      break;
    }
    case Act::remove:
      if (names_.contains(operation.file)) change({.lost = operation.file, .got = {}, .file = 0});
      break;
    case Act::rename:
      if (names_.contains(operation.file))
        change({.lost = operation.file, .got = operation.bytes, .file = names_.at(operation.file)});
      break;
    case Act::sync_folder:
      flushed_names_ = names_;
      pending_names_.clear();
      break;
    case Act::acknowledge:
      break;
  }
}

Disk::File& Disk::file(const std::string& name) {
  if (!names_.contains(name)) {
    change({.lost = {}, .got = name, .file = files_.size()});
    files_.emplace_back();
  }
  return files_[names_.at(name)];
}

void Disk::change(NameChange change) {
  apply(names_, change);
  pending_names_.push_back(std::move(change));
}

bool Disk::holds_back() const {
  return !pending_names_.empty() || std::any_of(names_.begin(), names_.end(), [this](const auto& entry) {
    return !files_[entry.second].pending.empty();
  });
}

Disk::Names Disk::names_after(Loss loss, std::mt19937& random) const {
  if (loss == Loss::everything || loss == Loss::names_only) return flushed_names_;
  if (!is_random(loss)) return names_;
  Names names = flushed_names_;
  for (const NameChange& change : pending_names_) {
    if (!one_in(2, random)) apply(names, change);
  }
  return names;
}

Image Disk::after(Loss loss, std::mt19937& random) const {
  Image image;
  for (const auto& [name, number] : names_after(loss, random)) {
    const File& file = files_[number];
    const bool keeps = loss == Loss::nothing || loss == Loss::names_only ||
                       (loss == Loss::file_only && is_log(name)) || (loss == Loss::log_only && !is_log(name));
    const bool loses = loss == Loss::everything || loss == Loss::all_but_names || loss == Loss::file_only ||
                       loss == Loss::log_only;
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

void Disk::apply(Names& names, const NameChange& change) {
  if (!change.lost.empty()) names.erase(change.lost);
  if (!change.got.empty()) names.insert_or_assign(change.got, change.file);
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
