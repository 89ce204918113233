#include "tests/simulation/audit.hpp"

#include "storage/clocks.hpp"
#include "tests/simulation/program.hpp"
#include "tests/storage/store_text.hpp"

#include <cairn/check.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace cairn::testing {
namespace {

constexpr std::size_t everything = 1'000'000;

// Of a row or a record that may be gone, when somebody asks for them.
template <class Record>
auto words_for(const std::optional<Record>& record) {
  return [&record] { return record ? text(*record) : "gone"; };
}

std::string result_of(const StepRow& step) {
  return step.error ? "!" + step.error->name + ":" + step.error->message : step.output;
}

// The number behind the letters of a name, such as 5000 of "nap5000".
std::int64_t number_in(const std::string& name) {
  std::int64_t number = 0;
  const std::size_t begin = name.find_first_of("0123456789");
  if (begin != std::string::npos) std::from_chars(name.data() + begin, name.data() + name.size(), number);
  return number;
}

}  // namespace

std::vector<Outcome> AuditedStore::apply(std::span<const Change> group, Time now) {
  try {
    std::vector<Outcome> outcomes = ForwardingStore::apply(group, now);
    audit_.wrote(group, outcomes, now, ownership().commit_seq);
    return outcomes;
  } catch (const Error& error) {
    if (dead_()) {
      audit_.cut_off(group, now, ownership().commit_seq);
    } else {
      audit_.refused(group, error.code(), now, ownership().commit_seq);
    }
    throw;
  }
}

// ------------------------------------------------------------------------------------------------- groups

void Audit::wrote(std::span<const Change> group, const std::vector<Outcome>& outcomes, Time now,
                  std::int64_t commit_seq) {
  if (in_doubt()) settle(commit_seq == groups_ + 2);
  apply(group, moment(now), &outcomes);
  findings_.require(commit_seq == groups_, "the store counts ", commit_seq, " groups and has acknowledged ",
                    groups_);
}

void Audit::refused(std::span<const Change> group, Errc code, Time now, std::int64_t commit_seq) {
  statistics_.count("group " + std::string{to_string(code)});
  findings_.require(code == Errc::store_failed || code == Errc::outcome_unknown, "a group failed with ",
                    to_string(code));
  if (in_doubt() && commit_seq == groups_ + 1) settle(true);
  if (code != Errc::outcome_unknown) return;
  if (in_doubt()) settle(false);  // else this one would not have come as far as its commit
  doubtful_.push_back({{group.begin(), group.end()}, moment(now)});
}

void Audit::cut_off(std::span<const Change> group, Time now, std::int64_t commit_seq) {
  if (in_doubt() && commit_seq == groups_ + 1) settle(true);
  doubtful_.push_back({{group.begin(), group.end()}, moment(now)});
}

// The oldest of those in doubt was written, or not.
void Audit::settle(bool written) {
  statistics_.count(written ? "doubt written" : "doubt lost");
  const Doubtful doubtful = std::move(doubtful_.front());
  doubtful_.erase(doubtful_.begin());
  if (written) apply(doubtful.group, doubtful.moment, nullptr);
}

Moment Audit::moment(Time now) const {
  Moment moment = moment_();
  moment.now = now;
  moment.life = life_;
  return moment;
}

void Audit::apply(std::span<const Change> group, const Moment& moment, const std::vector<Outcome>* outcomes) {
  const Time now = moment.now;
  const std::vector<Outcome> expected = expected_.apply(group, now);
  trails_.follow(group, expected, expected_.ownership(), now);
  ++groups_;
  storage::GroupTime time{group, facts_.clock(), now};
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (outcomes != nullptr) {
      const std::string should = text(expected[i]);
      const std::string is = text((*outcomes)[i]);
      findings_.require(should == is, "V21: an outcome should be \"", should, "\" and is \"", is, "\"");
    }
    facts_.follow(group[i], expected[i], time.now());
    time.pass(group[i]);
    const auto* advance = std::get_if<Advance>(&group[i]);
    if (advance == nullptr) continue;
    check_interrupted(*advance);
    sleeps_.follow(*advance, std::get<Advanced>(expected[i]), moment);
  }
  sleeps_.end_group(moment);
}

void Audit::started(Key key, Sequence started_seq, std::int32_t attempt) {
  if (const auto row = expected_.row(key)) started_.emplace(key, row->run, started_seq, attempt);
}

// Only the death of its owner cuts a body off.
void Audit::check_interrupted(const Advance& advance) {
  for (const StepResult& result : advance.results) {
    const bool lives = started_.contains({advance.key, advance.run, result.started_seq, result.attempt});
    findings_.require(!result.interrupted || !lives, "V6: an attempt of ", advance.key,
                      " counts as cut off, and its body was not");
  }
}

void Audit::opened(const Store& store) {
  const Ownership owner = store.ownership();
  const std::int64_t found = owner.commit_seq - groups_;
  const auto possible = static_cast<std::int64_t>(doubtful_.size());
  findings_.require(found >= 0, "V1: the store holds ", owner.commit_seq, " groups, and ", groups_,
                    " were acknowledged");
  findings_.require(found <= possible, "V3: the store holds ", owner.commit_seq,
                    " groups, and nobody has asked for so many");
  // Of two in doubt one was written: no two groups have the same time.
  while (in_doubt() && !findings_.any()) {
    const bool last = doubtful_.size() == 1;
    const bool all = owner.commit_seq - groups_ == static_cast<std::int64_t>(doubtful_.size());
    settle(all || (owner.commit_seq > groups_ && (last || doubtful_.front().moment.now == owner.last_time)));
  }
  while (expected_.ownership().epoch < owner.epoch) expected_.begin_epoch();
  facts_.recover();
  started_.clear();
  ++life_;
}

// --------------------------------------------------------------------------------------------- comparisons

void Audit::compare(const Store& store, Key key) {
  const std::optional<InstanceRow> should = expected_.row(key);
  const std::optional<InstanceRow> is = store.row(key);
  findings_.require(should == is, "V20: ", key, " should be ", words_for(should), " and is ", words_for(is));
}

void Audit::compare_all(const Store& store, const std::function<void(const History&)>& seen) {
  if (in_doubt()) return;
  const std::vector<InstanceRow> rows = store.list({.limit = everything});
  findings_.require(rows == expected_.list({.limit = everything}), "V22: the lists differ");
  findings_.require(rows.size() == facts_.all().size(), "V1: there are ", rows.size(),
                    " instances instead of ", facts_.all().size());
  for (const InstanceRow& row : rows) {
    const Fact* fact = facts_.find(row.key);
    findings_.require(
        fact != nullptr && fact->status == row.status && fact->run == row.run && fact->id == row.id &&
            fact->expires == row.expires,
        "V4, V8: ", [&] { return text(row); }, " is not what it was made");
    const std::optional<History> is = store.history(row.key);
    const std::optional<History> should = expected_.history(row.key);
    findings_.require(is == should, "should be ", words_for(should), "\nand is ", words_for(is));
    if (is) look(*is);
    if (is) seen(*is);
    if (findings_.any()) return;
  }
}

// What one record must be whatever has happened.
void Audit::look(const History& history) {
  const InstanceRow& row = history.row;
  for (const StepRow& step : history.steps) {
    if (!step.ended_seq) continue;
    const std::string result = std::to_string(*step.ended_seq) + result_of(step);
    const auto [first, isNew] = results_.try_emplace({row.key, row.run, step.started_seq}, result);
    findings_.require(first->second == result, "V5: the result of ", step.name, " of ", row.key, " was ",
                      first->second, " and is ", result);
    if (step.kind != StepKind::sleep || !step.due_fixed) continue;
    findings_.require(*step.ended >= row.created + Duration{number_in(step.name)}, "V15: ", step.name, " of ",
                      row.key, " ended early");
  }
  if (row.status != Status::complete) return;
  const std::vector<std::string> should = entries_of(history);
  const std::vector<std::string> is = entries_of(history.output);
  const bool lost = std::ranges::find(is, "*") != is.end();
  findings_.require(lost || should == is, "V7: the output of ", row.key,
                    " is not what its steps gave: ", [&] { return text(history); });
}

void Audit::check(const std::filesystem::path& file) {
  const CheckOptions options{.findings_per_rule = 1};
  const CheckReport report = kept_check_.check(file, options);
  // The one that users have, for each audit once: it is to find the same.
  if (!std::exchange(has_checked_, true)) {
    findings_.require(check_file(file, options).findings == report.findings,
                      "cairn check: another finding in the file than in its copy");
  }
  for (const Finding& finding : report.findings) {
    const std::optional<History> subject = expected_.history(number_in(finding.subject));
    findings_.require(false, "cairn check: ", finding.rule, ": ", finding.subject, " ", finding.what,
                      "; it is ", subject ? text(*subject) : "not known");
  }
  if (in_doubt() || findings_.any()) return;
  const std::string difference = trails_.difference(read_trails(kept_check_.database()),
                                                    expected_.list({.limit = everything}));
  findings_.require(difference.empty(), "V8, V18: ", difference);
}

}  // namespace cairn::testing
