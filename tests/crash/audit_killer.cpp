#include "tests/crash/audit_killer.hpp"

#include <cairn/check.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <ostream>
#include <stdexcept>
#include <utility>

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 5> words{"random", "creation", "recovery", "conclusion", "sweep"};
constexpr int least_each = 2;
constexpr auto slice = 100us;
constexpr auto least_progress = 30us;  // of processor time between two looks, on a machine that is busy
constexpr int slices_max = 50;
constexpr auto patience = std::chrono::minutes{30};
constexpr int audits_max = 6;
constexpr std::int64_t definitions = 3;  // the first groups of each life

std::filesystem::path make_folder(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  return std::filesystem::canonical(folder);
}

bool reached_its_end(const End& end) {
  return end.status && *end.status <= 2;
}

}  // namespace

std::string_view to_string(Moment moment) {
  return words[static_cast<std::size_t>(moment)];
}

AuditKiller::AuditKiller(std::filesystem::path program, std::vector<std::string> arguments,
                         std::filesystem::path folder, std::ostream& log)
    : program_{std::move(program)},
      arguments_{std::move(arguments)},
      folder_{make_folder(folder)},
      log_{log} {}

KillReport AuditKiller::run(int kills, std::uint64_t seed) {
  random_.seed(seed);
  KillReport result;
  begin_anew();
  {
    Child undisturbed{command(), folder_ / "report", folder_ / "errors"};
    const End end = undisturbed.wait(patience).value_or(End{});
    if (!reached_its_end(end)) throw std::runtime_error("undisturbed: " + to_string(end));
  }
  result.undisturbed = report();
  commits_undisturbed_ = commits_of(folder_ / "audits.db");
  Plan moments = plan(kills);
  log_ << "undisturbed, " << commits_undisturbed_ << " commits:\n" << result.undisturbed << std::flush;

  begin_anew();
  ++result.audits;
  while (true) {
    ++result.lives;
    const Moment moment = moments.empty() ? Moment::random : moments.back();
    const auto end = moments.empty() ? Child{command(), folder_ / "report", folder_ / "errors"}.wait(patience)
                                     : live(moment);
    if (!end && !moments.empty()) {
      ++result.kills[moment];
      moments.pop_back();
      for (std::string& fault : faults_of_file()) result.faults.push_back(std::move(fault));
      continue;
    }
    if (!end || !reached_its_end(*end)) throw std::runtime_error(end ? to_string(*end) : "it hangs");
    result.disturbed.push_back(report());
    if (moments.empty() || result.audits == audits_max) return result;
    begin_anew();
    ++result.audits;
  }
}

// The moments of an audit in the order in which it comes to them, the next one last.
AuditKiller::Plan AuditKiller::plan(int kills) {
  constexpr int named = 4 * least_each;
  Plan middle(static_cast<std::size_t>(std::max(kills - named, 0)), Moment::random);
  middle.insert(middle.end(), least_each, Moment::recovery);
  middle.insert(middle.end(), least_each, Moment::conclusion);
  std::shuffle(middle.begin(), middle.end(), random_);
  Plan moments(least_each, Moment::sweep);
  moments.insert(moments.end(), middle.begin(), middle.end());
  moments.insert(moments.end(), least_each, Moment::creation);
  return moments;
}

std::optional<End> AuditKiller::live(Moment moment) {
  const std::int64_t share = std::max<std::int64_t>(commits_undisturbed_ / 24, 1);
  commits_wanted_ = definitions + std::uniform_int_distribution<std::int64_t>{0, share}(random_);
  at_birth_.reset();
  Child program{command(), folder_ / "report", folder_ / "errors"};
  AuditWatch watch{folder_ / "audits.db", program.id()};
  while (true) {
    const auto before = program.processor_time();
    for (int i = 0; i < slices_max; ++i) {
      if (const auto end = program.wait(slice)) return end;
      if (program.processor_time() - before >= least_progress) break;
    }
    if (!watch.open()) continue;
    if (!program.freeze()) return program.wait(0us);
    if (const auto state = watch.look()) {
      if (!at_birth_ && state->epoch > at_death_.epoch) at_birth_ = state;
      if (at_birth_ && is_there(moment, *state)) {
        program.kill();
        log_ << "killed: " << to_string(moment) << " (" << to_string(*state) << ")\n" << std::flush;
        at_death_ = *state;
        return std::nullopt;
      }
    }
    program.go_on();
  }
}

bool AuditKiller::is_there(Moment moment, const AuditState& state) const {
  // Not what the life before was killed in, but what this one has come to.
  const std::int64_t groups = state.commit_seq - at_death_.commit_seq;
  switch (moment) {
    case Moment::random:
      return state.commit_seq >= at_birth_->commit_seq + commits_wanted_ || state.reporting;
    case Moment::creation:
      return groups >= definitions && state.audit_complete && state.packages == 0 && !state.reporting;
    case Moment::recovery: {
      const auto& before = at_death_.in_flight;
      const auto still_open = [&](const auto& attempt) { return state.in_flight.contains(attempt); };
      return before.empty() || std::any_of(before.begin(), before.end(), still_open);
    }
    case Moment::conclusion:
      return groups > definitions && state.concluding > 0;
    case Moment::sweep:
      return groups > definitions && state.sweeping;
  }
  return false;
}

void AuditKiller::begin_anew() {
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    std::filesystem::remove(folder_ / (std::string{"audits.db"} + suffix));
  }
  at_death_ = {};
}

std::vector<std::string> AuditKiller::faults_of_file() const {
  std::vector<std::string> faults;
  for (const Finding& finding : check_file(folder_ / "audits.db").findings)
    faults.push_back(finding.rule + ": " + finding.subject + " " + finding.what);
  return faults;
}

std::vector<std::string> AuditKiller::command() const {
  std::vector<std::string> command{program_.string(), (folder_ / "audits.db").string(), "--no-times"};
  command.insert(command.end(), arguments_.begin(), arguments_.end());
  return command;
}

std::string AuditKiller::report() const {
  std::ifstream input{folder_ / "report"};
  return {std::istreambuf_iterator<char>{input}, {}};
}

}  // namespace cairn::testing
