#pragma once

#include "storage/clocks.hpp"
#include "storage/history_parts.hpp"
#include "storage/memory/undo.hpp"

#include <cairn/store.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cairn::memory {

// The reference for every other store: plain maps under one mutex. What it answers is right by definition.
//
// There are no rows of an earlier owner here, since the store ends with its owner; `begin_epoch` stands in
// for reopening a file, so that tests can compare.
class MemoryStore final : public Store {
 public:
  std::vector<Outcome> apply(std::span<const Change> group, Time now) override;
  bool maintain(Demand /*demand*/) override { return false; }
  [[nodiscard]] Ownership ownership() const override;
  [[nodiscard]] std::vector<bool> taken(std::span<const WantedId> ids) override;
  [[nodiscard]] std::vector<StepOutput> outputs(const OutputRange& range) override;

  [[nodiscard]] std::vector<WorkflowRow> workflows() const override;
  [[nodiscard]] std::vector<VersionRow> versions(std::int64_t workflow) const override;
  [[nodiscard]] std::optional<InstanceRow> find(std::int64_t workflow, const std::string& id) const override;
  [[nodiscard]] std::optional<InstanceRow> row(Key key) const override;
  [[nodiscard]] std::optional<History> history(Key key, const HistoryOptions& options = {}) const override;
  [[nodiscard]] std::vector<InstanceRow> list(const ListQuery& query) const override;
  [[nodiscard]] std::vector<std::optional<ErrorRecord>> errors(std::span<const Key> keys) const override;
  [[nodiscard]] std::vector<InstanceRow> queued(std::int64_t workflow, Key after,
                                                std::size_t limit) const override;
  [[nodiscard]] std::vector<DueRow> due(const DueRow& after, Time until, std::size_t limit) const override;

  // Another owner takes over: every instance that was left running or pausing is recovered. Throws
  // `std::bad_alloc`: then nobody has taken over.
  void begin_epoch();

 private:
  // As it was written, and by which clock: `row_of` and `step_of` say what it looks like.
  struct Step {
    StepRow row = {};
    std::int64_t clock = 0;
  };
  struct Instance {
    InstanceRow row = {};
    std::int64_t clock = 0;
    std::string params = {};
    std::string output = {};
    std::optional<ErrorRecord> error = {};
    std::map<Sequence, Step> steps = {};
    std::map<std::int64_t, EventRow> events = {};
  };

  // By what a row is found in the indices, with its times as moved.
  struct Place {
    std::int64_t workflow = 0;
    Key key = 0;
    bool queued = false;
    std::optional<Time> wake_at = std::nullopt;
    std::optional<Time> expires = std::nullopt;
  };
  // Its entries there.
  struct Marks {
    std::set<std::pair<std::int64_t, Key>> queued = {};
    std::set<std::pair<Time, Key>> due = {};
    std::set<std::pair<Time, Key>> expiring = {};
  };
  // What is as large as before a group, or as it was.
  struct Before {
    Ownership ownership;
    std::int64_t next_event = 0;
    std::size_t workflows = 0;
    std::size_t versions = 0;
  };

  std::vector<Outcome> apply_all(std::span<const Change> group, Time now);
  void take_back(const Before& before) noexcept;

  [[nodiscard]] InstanceRow row_of(const Instance& instance) const;
  [[nodiscard]] StepRow step_of(const Step& step) const;
  [[nodiscard]] History read(const Instance& instance, const HistoryOptions& options) const;
  [[nodiscard]] StepRow without_output(const Step& step) const;
  [[nodiscard]] StepRow part_of(const Step& step, const HistoryOptions& options,
                                storage::HistoryBudget& budget) const;

  Outcome change(const Define& define, Time now);
  Outcome change(const CreateBatch& batch, Time now);
  Outcome change(const SendEvent& send, Time now);
  Outcome change(const Control& control, Time now);
  Outcome change(const Advance& advance, Time now);
  Outcome change(const Sweep& sweep, Time now);
  Outcome change(const MoveClock& move, Time now);

  [[nodiscard]] std::vector<Conflict> conflicts(const CreateBatch& batch) const;
  bool record(Instance& instance, const StepResult& result, Time now);
  [[nodiscard]] static bool awaited_is_there(const Instance& instance);
  bool go_on(Instance& instance, const Advance& advance, Time now);

  // index.cpp: every change of what is stored below
  static Place place_of(const InstanceRow& row, const storage::Shift& shift) noexcept;
  static Marks marks_of(const Place& place);
  Marks take_marks(const Place& place) noexcept;
  void put(Marks& marks) noexcept;
  void keep(Instance& instance, InstanceRow row);
  void keep_as_written(Instance& instance, InstanceRow row, std::int64_t clock);
  void add(Instance instance);
  void remove(Key key);
  void save(Step& step);
  void save_end(Instance& instance);
  void add_step(Instance& instance, StepRow step);
  void keep_clocks(storage::Clocks clocks);
  void add_event(Instance& instance, EventRow event);
  void take_event(Instance& instance, std::int64_t number);
  void clear_record(Instance& instance);

  mutable std::mutex mutex_;
  Ownership ownership_{.epoch = 1, .clock = 1};
  Time last_time_ = {};
  storage::Clocks clocks_{storage::ClockState{.number = 1}};
  std::int64_t next_event_ = 1;
  std::vector<WorkflowRow> workflows_;
  std::vector<VersionRow> versions_;
  std::map<std::int64_t, std::int64_t> workflow_of_version_;
  std::map<Key, Instance> instances_;
  std::map<std::pair<std::int64_t, std::string>, Key> ids_;
  std::set<std::pair<std::int64_t, Key>> queued_;
  std::set<std::pair<Time, Key>> due_;
  std::set<std::pair<Time, Key>> expiring_;
  Undo undo_;  // of the group that is being applied
};

}  // namespace cairn::memory
