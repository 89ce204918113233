#pragma once

#include "tests/simulation/findings.hpp"
#include "tests/simulation/statistics.hpp"

#include <cairn/store.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cairn::testing {

/// What is known of one instance from the changes that were made durable.
struct Fact {
  std::int64_t workflow = 0;
  std::string id = {};
  Status status = Status::queued;
  std::int32_t run = 1;
  Retention retention = {};
  std::optional<Time> expires = std::nullopt;
  bool moves = false;  ///< with the clock, since it was fixed by this owner, or in the same doubt
  std::deque<std::pair<std::int64_t, std::string>> events = {};  ///< buffered: number and type
  std::map<Sequence, std::int64_t> consumed = {};                ///< by which wait of this run
  bool unsure = false;  ///< the store has refused a result, and did not say which
};

/// Follows every durable change and its outcome by the rules that users read: the table of statuses, the
/// order of events, the retention. It knows no store, and asks none.
class Facts {
 public:
  Facts(Findings& findings, Statistics& statistics) : findings_{findings}, statistics_{statistics} {}

  void follow(const Change& change, const Outcome& outcome, Time now);
  /// What a new owner makes of what the last one left.
  void recover();

  [[nodiscard]] const std::map<Key, Fact>& all() const { return facts_; }
  [[nodiscard]] const Fact* find(Key key) const;
  /// The number of the clock that was moved last.
  [[nodiscard]] std::int64_t clock() const { return clock_; }
  /// Whether it was there, and has expired and been removed.
  [[nodiscard]] bool removed(Key key) const { return removed_.contains(key); }

 private:
  void follow(const Define& define, const Defined& defined, Time now);
  void follow(const CreateBatch& batch, const Created& created, Time now);
  void follow(const SendEvent& event, const Sent& sent, Time now);
  void follow(const Control& control, const Controlled& controlled, Time now);
  void follow(const Advance& advance, const Advanced& advanced, Time now);
  void follow(const Sweep& sweep, const Swept& swept, Time now);
  void follow(const MoveClock& move);
  void consume(Key key, Fact& fact, const StepResult& result);
  void move(Key key, Fact& fact, Cause cause, Time now);

  Findings& findings_;
  Statistics& statistics_;
  std::map<Key, Fact> facts_;
  std::map<std::pair<std::int64_t, std::string>, Key> ids_;
  std::set<Key> removed_;
  std::int64_t last_event_ = 0;
  std::int64_t clock_ = 0;  // that was moved last
  bool clock_doubtful_ = false;
};

}  // namespace cairn::testing
