#include "tests/crash/storm/storm.hpp"

#include "tests/crash/storm/model.hpp"
#include "tests/crash/storm/runs.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <set>
#include <stdexcept>
#include <utility>

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;

constexpr int lives_of_a_file = 16;  // or a few more: its record and its ledger stay small
constexpr std::chrono::microseconds longest_random_life = 40ms;  // of these the process needs some to begin
constexpr auto patience = 60s;

bool was_killed(const End& end) {
  return end == End{.status = std::nullopt, .signal = SIGKILL};
}

bool concerns_recovery(const std::string& point) {
  return point.starts_with("opening.") || point.starts_with("definition.") ||
         point.starts_with("recovery.") || point == "host.started";
}

std::vector<std::pair<std::string, int>> read_points(const std::filesystem::path& file) {
  std::ifstream input{file};
  std::vector<std::pair<std::string, int>> points;
  std::string point;
  int visits = 0;
  while (input >> point >> visits) {
    points.emplace_back(point, visits);
    constexpr std::string_view before_a_write = ".write.before";
    if (point.ends_with(before_a_write))
      points.emplace_back(point.substr(0, point.size() - before_a_write.size()) + ".write.within", visits);
  }
  return points;
}

}  // namespace

std::string Storm::Deck::draw(std::mt19937_64& random) {
  if (next_ % points_.size() == 0) std::shuffle(points_.begin(), points_.end(), random);
  const auto& [point, visits] = points_[next_++ % points_.size()];
  // Rather early: later visits may not come, since no life is like another.
  const int latest = std::max(visits / 2, 1);
  return point + ":" + std::to_string(std::uniform_int_distribution{1, latest}(random));
}

Storm::Storm(std::filesystem::path program, std::uint64_t seed)
    : program_{std::move(program)}, random_{seed} {}

std::vector<std::string> Storm::run(int kills) {
  count_points();
  begin_file();
  for (int number = 1; report_.kills < kills && faults_.empty(); ++number) {
    if (number > 3 * kills + 30) throw std::runtime_error("too few lives come to their points");
    if (life_ >= lives_of_a_file) {
      end_file();
      begin_file();
    }
    cycle(number);
  }
  if (faults_.empty()) end_file();
  return faults_;
}

// Two lives that nobody ends tell which points there are.
void Storm::count_points() {
  std::set<std::string> all;
  begin_file();
  for (const bool first : {true, false}) {
    if (live_to("count") != End{.status = 0})
      throw std::runtime_error("an undisturbed life did not end well");
    for (const auto& [point, visits] : read_points(*folder_ / "points")) {
      all.insert(point);
      if (first && concerns_recovery(point)) of_new_files_.add(point, visits);
      if (first) continue;
      of_all_.add(point, visits);
      if (concerns_recovery(point)) of_recovery_.add(point, visits);
    }
  }
  report_.points = all.size();
}

void Storm::begin_file() {
  folder_ = std::make_unique<Folder>();
  ledger_check_ = {};
  life_ = 0;
  lines_ = 0;
  acknowledged_ = 0;
  ++report_.files;
}

void Storm::cycle(int number) {
  const bool makes_the_file = life_ == 0;
  const bool at_random = number % 3 == 0;
  End end = live(at_random ? "" : (makes_the_file ? of_new_files_ : of_all_).draw(random_));
  if (was_killed(end) && number % 10 == 0) {
    end = live(number % 20 == 0 ? of_recovery_.draw(random_) : "");
    if (was_killed(end)) ++report_.in_recovery;
  }
  if (was_killed(end) || end == End{.status = 0}) {
    look();
  } else {
    faults_.push_back("the program ended with " + to_string(end));
    for (const std::string& line : read_lines(*folder_ / "err")) faults_.push_back(line);
  }
  if (faults_.empty()) return;
  folder_->keep();
  faults_.push_back("cycle " + std::to_string(number) + ", life " + std::to_string(life_) + " of " +
                    folder_->path().string());
}

End Storm::live(const std::string& point) {
  End end = live_to(point);
  if (!was_killed(end)) return end;
  ++report_.kills;
  ++report_.kills_at[point.empty() ? "a random moment" : point.substr(0, point.find(':'))];
  return end;
}

End Storm::live_to(const std::string& then) {
  ++life_;
  ++report_.lives;
  std::vector<std::string> command{program_, folder_->path(), std::to_string(life_),
                                   std::to_string(random_())};
  if (!then.empty()) command.push_back(then);
  Child host{command, *folder_ / "out", *folder_ / "err"};
  const auto life = then.empty() ? std::chrono::microseconds{chance(0, longest_random_life.count())}
                                 : std::chrono::microseconds{patience};
  if (const auto end = host.wait(life)) return *end;
  if (then.empty()) return host.kill();
  return {.status = std::nullopt, .signal = SIGSTOP};  // it hangs
}

// After all kills every instance must be able to end.
void Storm::end_file() {
  const End end = live_to("end");
  if (end != End{.status = 0}) {
    faults_.push_back("the last life of a file ended with " + to_string(end));
    for (const std::string& line : read_lines(*folder_ / "err")) faults_.push_back(line);
  }
  look();
  for (const auto& [id, history] : read_remains(*folder_ / "state.db", *folder_ / "aside").record) {
    if (!is_finished(history.row.status)) faults_.push_back(id + " has not ended");
  }
  report_.ledger_lines += lines_;
  report_.acknowledged += acknowledged_;
  if (!faults_.empty()) folder_->keep();
}

void Storm::look() {
  const auto keep = [this](std::vector<std::string> found) {
    faults_.insert(faults_.end(), std::make_move_iterator(found.begin()),
                   std::make_move_iterator(found.end()));
  };
  const std::vector<Line> ledger = read_ledger(*folder_ / "ledger");
  auto [faults, record] = read_remains(*folder_ / "state.db", *folder_ / "aside");
  keep(std::move(faults));
  const StormModel model{read_journal(*folder_ / "journal")};
  keep(model.compare(record));
  const Runs runs{ledger, record, [&](const std::string& id) { return model.may_be_swept(id); }};
  keep(runs.faults());
  keep(LedgerCheck::compare(runs.ledger(), runs.record()));
  ledger_check_.forget([&](const std::string& name) { return runs.is_over(name); });
  keep(ledger_check_.remember(runs.ledger(), runs.record()));
  lines_ = ledger.size();
  acknowledged_ = model.acknowledged();
  report_.acknowledgements_checked += acknowledged_;
}

std::int64_t Storm::chance(std::int64_t from, std::int64_t to) {
  return std::uniform_int_distribution<std::int64_t>{from, to}(random_);
}

}  // namespace cairn::testing
