#include "tests/stress/place.hpp"

#include "tests/forwarding_store.hpp"

#include <cairn/check.hpp>
#include <cairn/open.hpp>

#include <string>
#include <system_error>

namespace cairn::testing {

namespace {

std::filesystem::path make_file(const std::filesystem::path& folder, std::uint64_t round) {
  if (folder.empty()) return {};
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    std::error_code ignored;
    if (entry.path().filename().string().starts_with("round-"))
      std::filesystem::remove_all(entry.path(), ignored);
  }
  return folder / ("round-" + std::to_string(round) + ".db");
}

}  // namespace

Place::Place(const std::filesystem::path& folder, std::uint64_t round) : file_{make_file(folder, round)} {}

std::unique_ptr<Store> Place::open(Dice& dice) {
  if (!file_.empty()) {
    SqliteOptions options;
    if (dice.one_in(2)) options.wal_bytes_max = std::size_t{256} << 10;
    options.audit_trail = dice.one_in(3);
    return open_sqlite(file_, options);
  }
  if (memory_) {
    memory_->begin_epoch();
  } else {
    memory_ = std::make_shared<memory::MemoryStore>();
  }
  return std::make_unique<ForwardingStore>(memory_);
}

std::string Place::findings() const {
  if (file_.empty()) return {};
  const CheckReport report = check_file(file_);
  std::string text;
  for (const Finding& finding : report.findings)
    text += finding.rule + ", " + finding.subject + ": " + finding.what + '\n';
  return text;
}

}  // namespace cairn::testing
