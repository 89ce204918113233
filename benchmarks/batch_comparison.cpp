#include "benchmarks/batch_comparison.hpp"

#include "benchmarks/support.hpp"
#include "benchmarks/yardstick.hpp"

#include <cairn/cairn.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace cairn::benchmarks {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds turn{50};
constexpr std::size_t rows_in_statement_max = 50;  // as cairn has

// What all sides have in common: how long they took for how many rows.
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
  YardstickSide(const std::filesystem::path& file, const Comparison& comparison,
                std::size_t rows_in_statement)
      : Side{comparison},
        ids_{comparison.batch},
        params_{'"' + std::string(comparison.params_bytes - 2, 'p') + '"'},
        yardstick_{file, rows_in_statement} {}

 private:
  void prepare() override { ids_.next(); }
  void write() override { yardstick_.insert(ids_.now(), params_); }

  RisingIds ids_;
  std::string params_;
  Yardstick yardstick_;
};

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
  std::vector<std::unique_ptr<Side>> sides;
  sides.push_back(std::make_unique<CairnSide>(own / "cairn.db", comparison));
  sides.push_back(std::make_unique<YardstickSide>(own / "yardstick.db", comparison, 1));
  if (comparison.multi_row) {
    const std::size_t rows = std::min(comparison.batch, rows_in_statement_max);
    sides.push_back(std::make_unique<YardstickSide>(own / "multi-row.db", comparison, rows));
  }
  std::vector<Side*> order;
  for (const auto& side : sides) order.push_back(side.get());
  const auto is_done = [](const auto& side) { return side->is_done(); };
  while (!std::all_of(sides.begin(), sides.end(), is_done)) {
    for (Side* side : order) {
      if (!side->is_done()) side->take_turn();
    }
    std::rotate(order.begin(), order.begin() + 1, order.end());
  }
  return {.cairn = sides[0]->rate(),
          .yardstick = sides[1]->rate(),
          .multi_row = comparison.multi_row ? sides[2]->rate() : 0};
}

std::string format_table(const std::vector<Line>& lines) {
  std::string table = "   params     batch  cairn, rows/s  SQLite, rows/s    ratio  [min..max]\n";
  for (const Line& line : lines) table += format_line(line);
  return table;
}

}  // namespace cairn::benchmarks
