#include "storage/preconditions.hpp"

#include <string>
#include <variant>

namespace cairn::storage {
namespace {

void require(bool holds, const char* rule) {
  if (!holds) throw Error{Errc::internal, std::string{"malformed change: "} + rule};
}

// Follows the keys and versions through a group.
class Checker {
 public:
  Checker(Key next_key, const std::map<std::int64_t, std::int64_t>& versions)
      : next_key_{next_key}, versions_{versions} {}

  void operator()(const Define&) const {}
  void operator()(const SendEvent&) const {}
  void operator()(const Sweep&) const {}
  void operator()(const MoveClock& move) const {
    require(move.by >= -clock_move_max && move.by <= clock_move_max, "a clock moves within the known years");
  }

  void operator()(const CreateBatch& batch) {
    const auto version = versions_.find(batch.version);
    require(version != versions_.end() && version->second == batch.workflow,
            "the version belongs to the workflow of the batch");
    require(batch.first_key >= next_key_, "the keys of a batch are new");
    require(batch.begun <= batch.rows.size(), "only rows of the batch begin");
    const auto rows = static_cast<Key>(batch.rows.size());
    if (batch.first_key > key_max - rows) throw Error{Errc::store_failed, "the store has used up its keys"};
    next_key_ = batch.first_key + rows;
  }

  void operator()(const Control& control) const {
    if (control.command != Command::restart) return;
    require(versions_.contains(control.version), "the version of a restart exists");
  }

  void operator()(const Advance& advance) const {
    for (const StepResult& result : advance.results) check(result);
    for (const StepStart& start : advance.starts) check(start);
    for (const AttemptStart& attempt : advance.attempts)
      require(attempt.attempt >= 1, "attempts count from 1");
  }

 private:
  static void check(const StepResult& result) {
    require(result.ended_seq.has_value() != result.retry_due.has_value(),
            "a result ends its step or is tried again");
    require(!result.ended_seq || *result.ended_seq > result.started_seq, "a step ends after its start");
    require(!result.withdrawn || (result.retry_due && !result.error && !result.interrupted),
            "an attempt that never began neither ended nor failed");
  }

  static void check(const StepStart& start) {
    require(start.started_seq >= 1, "sequence numbers begin at 1");
    require(start.kind != StepKind::sleep || start.due, "a sleep has an end");
  }

  Key next_key_;
  const std::map<std::int64_t, std::int64_t>& versions_;
};

}  // namespace

void check_group(std::span<const Change> group, Key next_key,
                 const std::map<std::int64_t, std::int64_t>& versions) {
  Checker checker{next_key, versions};
  for (const Change& change : group) std::visit(checker, change);
}

}  // namespace cairn::storage
