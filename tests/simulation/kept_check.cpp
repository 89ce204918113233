#include "tests/simulation/kept_check.hpp"

#include "check/checker.hpp"

#include <SQLiteCpp/Statement.h>
#include <sqlite3.h>

#include <algorithm>
#include <fstream>
#include <utility>

namespace cairn::testing {
namespace {

// Places in the header of a SQLite file.
constexpr std::size_t header_bytes = 100;
constexpr std::size_t page_layout = 16;   // size, and who may write: 2 bytes each
constexpr std::size_t read_version = 18;  // 2: with a log
constexpr std::size_t change_counter = 24;
constexpr std::size_t file_layout = 44;  // schema format, encoding, vacuum
constexpr std::size_t counted_for = 92;  // the change counter for which the number of pages is right

// All pages, as a reader sees them now.
std::string image_of(const std::filesystem::path& file) {
  const bool has_log = std::filesystem::exists(file.string() + "-wal");
  SQLite::Database database{"file:" + file.string() + (has_log ? "?mode=ro" : "?immutable=1"),
                            SQLite::OPEN_READONLY | SQLite::OPEN_URI | SQLite::OPEN_NOMUTEX, 2'000};
  // Before its first read SQLite takes pages to be of the usual size, also here.
  database.execAndGet("PRAGMA page_count");
  sqlite3_int64 bytes = 0;
  const std::unique_ptr<unsigned char, void (*)(void*)> image{
      sqlite3_serialize(database.getHandle(), "main", &bytes, 0), sqlite3_free};
  if (!image) throw SQLite::Exception{database.getHandle()};
  return {reinterpret_cast<const char*>(image.get()), static_cast<std::size_t>(bytes)};
}

void put_number(std::string& image, std::size_t at, std::uint32_t number) {
  for (std::size_t i = 0; i < 4; ++i) image[at + i] = static_cast<char>(number >> (24 - 8 * i) & 0xff);
}

}  // namespace

KeptCheck::KeptCheck() = default;
KeptCheck::~KeptCheck() = default;

CheckReport KeptCheck::check(const std::filesystem::path& file, const CheckOptions& options) {
  load(image_of(file), file.string());
  return checker_->run(options);
}

// Whoever has the file open sees by its change counter that it has changed, and no log belongs to it.
void KeptCheck::load(std::string image, const std::string& name) {
  if (image.size() < header_bytes) throw SQLite::Exception{"no header", SQLITE_NOTADB};
  const std::string fixed = image.substr(page_layout, 2) + image.substr(page_layout + 4, 4) +
                            image.substr(file_layout, 16);
  const bool counted = image.compare(counted_for, 4, image, change_counter, 4) == 0;
  put_number(image, change_counter, ++loads_);
  put_number(image, counted_for, counted ? loads_ : ~loads_);
  std::fill_n(image.begin() + read_version, 2, '\1');
  std::ofstream{folder_ / "image.db", std::ios::binary | std::ios::trunc} << image;
  const bool is_like_the_last = database_ != nullptr && fixed == fixed_ && tables() == tables_;
  if (is_like_the_last) return;
  open(name);
  tables_ = tables();
  fixed_ = fixed;
}

std::string KeptCheck::tables() const {
  std::string all;
  SQLite::Statement rows{*database_, "SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema"};
  while (rows.executeStep()) {
    for (int column = 0; column < 5; ++column) all += rows.getColumn(column).getString() + '\n';
  }
  return all;
}

void KeptCheck::open(const std::string& name) {
  ++prepared_;
  checker_.reset();
  database_ = std::make_unique<SQLite::Database>((folder_ / "image.db").string(),
                                                 SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX);
  checker_ = std::make_unique<check::Checker>(name, *database_);
}

}  // namespace cairn::testing
