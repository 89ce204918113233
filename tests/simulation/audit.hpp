#pragma once

#include "storage/memory/store.hpp"
#include "tests/forwarding_store.hpp"
#include "tests/simulation/facts.hpp"
#include "tests/simulation/findings.hpp"
#include "tests/simulation/kept_check.hpp"
#include "tests/simulation/sleeps.hpp"
#include "tests/simulation/statistics.hpp"
#include "tests/storage/trail.hpp"

#include <cairn/store.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <vector>

namespace cairn::testing {

/// Remembers every group that a store has acknowledged, over the lives of many owners, and asks whether the
/// store holds exactly these. What was reported as unknown, or was being written when the machine died, is
/// there as a whole or not at all; which of both the store's own count of groups says.
class Audit {
 public:
  /// `moment`: what the clocks say.
  Audit(Findings& findings, Statistics& statistics, std::function<Moment()> moment)
      : findings_{findings},
        statistics_{statistics},
        moment_{std::move(moment)},
        facts_{findings, statistics},
        sleeps_{findings} {}

  // What the store between engine and file tells. `commit_seq` is what the store says afterwards.
  void wrote(std::span<const Change> group, const std::vector<Outcome>& outcomes, Time now,
             std::int64_t commit_seq);
  void refused(std::span<const Change> group, Errc code, Time now, std::int64_t commit_seq);
  /// The machine died while the group was written.
  void cut_off(std::span<const Change> group, Time now, std::int64_t commit_seq);

  /// A new owner has come: what was in doubt is settled.
  void opened(const Store& store);
  /// A body was started by the owner that is there now.
  void started(Key key, Sequence started_seq, std::int32_t attempt);
  /// Workflow code was refused memory.
  void starved() { statistics_.count("code found no memory"); }
  /// Whether the instance is in the store as it should be.
  void compare(const Store& store, Key key);
  /// The same of all instances, with what no change of theirs may have altered; `seen` gets every one.
  void compare_all(const Store& store, const std::function<void(const History&)>& seen);
  /// Asks the independent checker, and compares the file's audit trail with what its callers were told.
  void check(const std::filesystem::path& file);

  /// What the store should hold.
  [[nodiscard]] const Store& expected() const { return expected_; }
  [[nodiscard]] const Facts& facts() const { return facts_; }
  /// Whether a group is neither known to be there nor known not to be.
  [[nodiscard]] bool in_doubt() const { return !doubtful_.empty(); }

 private:
  struct Doubtful {
    std::vector<Change> group;
    Moment moment;
  };

  void settle(bool written);
  [[nodiscard]] Moment moment(Time now) const;
  void apply(std::span<const Change> group, const Moment& moment, const std::vector<Outcome>* outcomes);
  void check_interrupted(const Advance& advance);
  void look(const History& history);

  Findings& findings_;
  Statistics& statistics_;
  std::function<Moment()> moment_;
  Facts facts_;
  Sleeps sleeps_;
  memory::MemoryStore expected_;
  ExpectedTrails trails_;
  KeptCheck kept_check_;
  bool has_checked_ = false;
  std::int64_t groups_ = 0;  // known to be written
  std::size_t life_ = 0;     // of the present owner
  std::vector<Doubtful> doubtful_;
  std::set<std::tuple<Key, std::int32_t, Sequence, std::int32_t>> started_;  // by the present owner: key,
                                                                             // run, step, attempt
  std::map<std::tuple<Key, std::int32_t, Sequence>, std::string> results_;   // recorded ones, as they were
                                                                             // first seen
};

/// A store that tells the audit about every group.
class AuditedStore final : public ForwardingStore {
 public:
  /// `dead`: whether the machine has died, so that nobody was told how a group ended.
  AuditedStore(std::unique_ptr<Store> store, Audit& audit, std::function<bool()> dead)
      : ForwardingStore{std::move(store)}, audit_{audit}, dead_{std::move(dead)} {}
  std::vector<Outcome> apply(std::span<const Change> group, Time now) override;

 private:
  Audit& audit_;
  std::function<bool()> dead_;
};

}  // namespace cairn::testing
