#include "benchmarks/batch_comparison.hpp"

#include "benchmarks/yardstick.hpp"

#include <cairn/cairn.hpp>

#include <sqlite3.h>

#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>

namespace cairn::benchmarks {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds turn{50};

// A folder of this run alone, removed at the end.
class Folder {
 public:
  explicit Folder(const std::filesystem::path& parent) {
    std::string name = (parent / "cairn-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::system_error{errno, std::generic_category(), name};
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// What both sides have in common: how long they took for how many rows.
class Side {
 public:
  explicit Side(const Comparison& comparison) : comparison_{comparison} {}
  virtual ~Side() = default;

  [[nodiscard]] bool is_done() const {
    return rows_ >= comparison_.rows_max || time_ >= comparison_.time_max;
  }
  [[nodiscard]] double rate() const {
    return static_cast<double>(rows_) / std::chrono::duration<double>{time_}.count();
  }

  void take_turn() {
    const Clock::duration end = time_ + turn;
    do {
      prepare();
      const Clock::time_point begin = Clock::now();
      write();
      time_ += Clock::now() - begin;
      rows_ += comparison_.batch;
    } while (time_ < end && !is_done());
  }

 private:
  virtual void prepare() = 0;
  virtual void write() = 0;

  const Comparison& comparison_;
  std::size_t rows_ = 0;
  Clock::duration time_{0};
};

Task<void> do_nothing(Context&, std::string) {
  co_return;
}

class CairnSide final : public Side {
 public:
  CairnSide(const std::filesystem::path& file, const Comparison& comparison)
      : Side{comparison},
        entry_{.params = std::string(comparison.params_bytes - 2, 'p'),  // and two quotes
               .retention = {.success = std::chrono::minutes{30}, .error = std::chrono::hours{168}}},
        batch_{comparison.batch},
        engine_{open_sqlite(file)},
        workflow_{engine_.define("benchmark", do_nothing)} {}

 private:
  void prepare() override { entries_.assign(batch_, entry_); }
  void write() override {
    const BatchResult result = workflow_.create_batch(std::move(entries_));
    if (result.created.size() != batch_) throw std::runtime_error{"not every instance was created"};
  }

  NewInstance<std::string> entry_;
  std::size_t batch_;
  Engine engine_;
  Workflow<std::string, void> workflow_;
  std::vector<NewInstance<std::string>> entries_;
};

class YardstickSide final : public Side {
 public:
  YardstickSide(const std::filesystem::path& file, const Comparison& comparison)
      : Side{comparison},
        ids_(comparison.batch),
        params_{'"' + std::string(comparison.params_bytes - 2, 'p') + '"'},
        yardstick_{file} {}

 private:
  // UUIDv7 that rise, as cairn makes them.
  void prepare() override {
    const Time now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    for (std::size_t index = 0; index < ids_.size(); ++index) {
      Uuid random;
      for (std::size_t byte = 0; byte < random.size(); ++byte) {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        random[byte] = static_cast<std::uint8_t>(state_ >> 56);
      }
      const Time time = saturating_add(now, Duration{static_cast<std::int64_t>(index >> 12)});
      ids_[index] = make_uuid_v7(time, static_cast<std::uint16_t>(index & 0xfff), random);
    }
  }
  void write() override { yardstick_.insert(ids_, params_); }

  std::vector<std::string> ids_;
  std::string params_;
  Yardstick yardstick_;
  std::uint64_t state_ = 1;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

std::string with_commas(double number) {
  std::string text = std::to_string(static_cast<long long>(number + 0.5));
  for (std::ptrdiff_t at = std::ssize(text) - 3; at > 0; at -= 3) {
    text.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return text;
}

std::string format_line(const Line& line) {
  std::vector<double> cairn;
  std::vector<double> yardstick;
  std::vector<double> ratios;
  for (const Rates& rates : line.repetitions) {
    cairn.push_back(rates.cairn);
    yardstick.push_back(rates.yardstick);
    ratios.push_back(rates.ratio());
  }
  const auto [least, most] = std::minmax_element(ratios.begin(), ratios.end());
  std::array<char, 128> text{};
  std::snprintf(text.data(), text.size(), "%7zu B %9s %14s %16s   %6.2f  [%.2f..%.2f]\n",
                line.comparison.params_bytes, with_commas(static_cast<double>(line.comparison.batch)).c_str(),
                with_commas(median(cairn)).c_str(), with_commas(median(yardstick)).c_str(), median(ratios),
                *least, *most);
  return text.data();
}

}  // namespace

Rates compare(const std::filesystem::path& folder, const Comparison& comparison) {
  const Folder own{folder};
  CairnSide cairn{own / "cairn.db", comparison};
  YardstickSide yardstick{own / "yardstick.db", comparison};
  for (bool cairn_first = true; !cairn.is_done() || !yardstick.is_done(); cairn_first = !cairn_first) {
    Side& first = cairn_first ? static_cast<Side&>(cairn) : yardstick;
    Side& second = cairn_first ? static_cast<Side&>(yardstick) : cairn;
    if (!first.is_done()) first.take_turn();
    if (!second.is_done()) second.take_turn();
  }
  return {.cairn = cairn.rate(), .yardstick = yardstick.rate()};
}

void require_disk(const std::filesystem::path& folder) {
  struct statfs found = {};
  if (::statfs(folder.c_str(), &found) != 0) {
    throw std::runtime_error{folder.string() + ": " + std::generic_category().message(errno)};
  }
  constexpr long tmpfs = 0x01021994;
  constexpr long ramfs = 0x858458f6;
  const auto type = static_cast<long>(found.f_type);
  if (type == tmpfs || type == ramfs) {
    throw std::runtime_error{folder.string() + " is in memory; choose a folder on a disk"};
  }
}

std::string sqlite_version() {
  return sqlite3_libversion();
}

std::string format_table(const std::vector<Line>& lines) {
  std::string table = "   params     batch  cairn, rows/s  SQLite, rows/s    ratio  [min..max]\n";
  for (const Line& line : lines) table += format_line(line);
  return table;
}

}  // namespace cairn::benchmarks
