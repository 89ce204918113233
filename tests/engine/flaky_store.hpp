#pragma once

#include "storage/memory/store.hpp"

#include <cairn/store.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace cairn::testing {

/// What becomes of one group that does not go well.
enum class Mishap {
  refused,          ///< `store_failed`: nothing was written
  unknown_lost,     ///< `outcome_unknown`, and nothing was written
  unknown_written,  ///< `outcome_unknown`, and all of it was written
  owned,            ///< `file_is_owned`: another owner has come
  crash_before,     ///< the process dies, and nothing was written
  crash_after,      ///< the process dies when the group is on disk
};

[[nodiscard]] const char* to_string(Mishap mishap);
[[nodiscard]] constexpr bool is_crash(Mishap mishap) {
  return mishap == Mishap::crash_before || mishap == Mishap::crash_after;
}
[[nodiscard]] constexpr bool is_written(Mishap mishap) {
  return mishap == Mishap::crash_after || mishap == Mishap::unknown_written;
}

/// Thrown out of `apply` when the process is to die there.
struct Crash {};

/// The memory store, with a memory of its groups and, when asked, a mishap.
class FlakyStore final : public Store {
 public:
  std::vector<Outcome> apply(std::span<const Change> group, Time now) override;
  [[nodiscard]] std::vector<bool> taken(std::span<const WantedId> ids) override;
  [[nodiscard]] std::vector<StepOutput> outputs(const OutputRange& range) override;
  bool maintain(Demand /*demand*/) override { return false; }
  [[nodiscard]] Ownership ownership() const override { return store_.ownership(); }
  [[nodiscard]] std::vector<WorkflowRow> workflows() const override;
  [[nodiscard]] std::vector<VersionRow> versions(std::int64_t workflow) const override {
    return store_.versions(workflow);
  }
  [[nodiscard]] std::optional<InstanceRow> find(std::int64_t workflow, const std::string& id) const override {
    return store_.find(workflow, id);
  }
  [[nodiscard]] std::optional<InstanceRow> row(Key key) const override;
  [[nodiscard]] std::optional<History> history(Key key, const HistoryOptions& options = {}) const override;
  [[nodiscard]] std::vector<InstanceRow> list(const ListQuery& query) const override {
    return store_.list(query);
  }
  [[nodiscard]] std::vector<std::optional<ErrorRecord>> errors(std::span<const Key> keys) const override;
  [[nodiscard]] std::vector<InstanceRow> queued(std::int64_t workflow, Key after,
                                                std::size_t limit) const override;
  [[nodiscard]] std::vector<DueRow> due(const DueRow& after, Time until, std::size_t limit) const override;

  /// The next owner comes.
  void begin_epoch() { store_.begin_epoch(); }
  /// For the tests' own eyes: never fails and is not counted.
  [[nodiscard]] const Store& plain() const { return store_; }
  Outcome apply_plain(const Change& change, Time now) { return store_.apply({&change, 1}, now).at(0); }

  /// The mishap meets the group after the next `groups`, and then `times - 1` more.
  void plan(Mishap mishap, std::size_t groups = 0, std::size_t times = 1);
  /// Nothing fails any more.
  void heal() { mishap_.reset(); }
  /// As many reads of the engine fail.
  void fail_reads(std::size_t times) { failing_reads_ = times; }

  /// Groups that the engine has tried to write.
  [[nodiscard]] std::size_t tries() const { return tries_; }
  /// Every group that was written, oldest first.
  [[nodiscard]] const std::vector<std::vector<Change>>& groups() const { return groups_; }
  /// Histories that the engine has read.
  [[nodiscard]] std::size_t histories() const { return histories_; }
  [[nodiscard]] std::size_t pages() const { return pages_; }
  /// Bytes of results that the engine has read, with histories and by themselves; and the latter reads.
  [[nodiscard]] std::size_t output_bytes() const { return output_bytes_; }
  [[nodiscard]] std::size_t output_reads() const { return output_reads_; }
  /// Results by themselves are not found any more.
  void lose_outputs() { loses_outputs_ = true; }
  /// Ids that the engine has asked about.
  [[nodiscard]] std::size_t wanted_ids() const { return wanted_ids_; }
  /// Rows of single instances that the engine has read.
  [[nodiscard]] std::size_t rows() const { return rows_; }
  /// What only the health is told by cannot be read: names of workflows, single rows, errors. Or can again.
  void fail_reads_for_health(bool fail) { fails_health_ = fail; }
  /// How many of those reads have failed.
  [[nodiscard]] std::size_t failed_reads_for_health() const { return failed_for_health_; }
  /// Nobody is told of ids any more.
  void fail_ids() { failing_ids_ = true; }

 private:
  void read() const;
  void read_for_health() const;

  memory::MemoryStore store_;
  std::size_t tries_ = 0;
  std::vector<std::vector<Change>> groups_;
  std::optional<Mishap> mishap_;
  std::size_t groups_before_ = 0;
  std::size_t times_ = 0;
  mutable std::size_t failing_reads_ = 0;
  mutable std::size_t histories_ = 0;
  mutable std::size_t pages_ = 0;
  mutable std::size_t output_bytes_ = 0;
  std::size_t output_reads_ = 0;
  bool loses_outputs_ = false;
  mutable std::size_t rows_ = 0;
  std::size_t wanted_ids_ = 0;
  bool failing_ids_ = false;
  bool fails_health_ = false;
  mutable std::size_t failed_for_health_ = 0;
};

}  // namespace cairn::testing
