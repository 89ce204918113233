#include "tests/engine/flaky_store.hpp"

#include <cairn/error.hpp>

namespace cairn::testing {

const char* to_string(Mishap mishap) {
  switch (mishap) {
    case Mishap::refused:
      return "refused";
    case Mishap::unknown_lost:
      return "unknown, lost";
    case Mishap::unknown_written:
      return "unknown, written";
    case Mishap::owned:
      return "owned";
    case Mishap::crash_before:
      return "crash before";
    case Mishap::crash_after:
      return "crash after";
  }
  return "?";
}

void FlakyStore::plan(Mishap mishap, std::size_t groups, std::size_t times) {
  mishap_ = mishap;
  groups_before_ = groups;
  times_ = times;
}

std::vector<Outcome> FlakyStore::apply(std::span<const Change> group, Time now) {
  ++tries_;
  std::optional<Mishap> mishap;
  if (mishap_ && groups_before_-- == 0) {
    mishap = mishap_;
    groups_before_ = 0;
    if (--times_ == 0) mishap_.reset();
  }
  std::vector<Outcome> outcomes;
  if (!mishap || is_written(*mishap)) {
    outcomes = store_.apply(group, now);
    groups_.emplace_back(group.begin(), group.end());
  }
  if (!mishap) return outcomes;
  if (is_crash(*mishap)) throw Crash{};
  if (*mishap == Mishap::refused) throw Error{Errc::store_failed, "the disk is full"};
  if (*mishap == Mishap::owned) throw Error{Errc::file_is_owned, "another engine owns the file"};
  throw Error{Errc::outcome_unknown, "the commit failed and could not be read back"};
}

std::vector<bool> FlakyStore::taken(std::span<const WantedId> ids) {
  if (failing_ids_) throw Error{Errc::store_failed, "the disk does not answer"};
  wanted_ids_ += ids.size();
  return store_.taken(ids);
}

void FlakyStore::read() const {
  if (failing_reads_ == 0) return;
  --failing_reads_;
  throw Error{Errc::store_failed, "the disk does not answer"};
}

void FlakyStore::read_for_health() const {
  if (!fails_health_) return;
  ++failed_for_health_;
  throw Error{Errc::store_failed, "a page is damaged"};
}

std::vector<WorkflowRow> FlakyStore::workflows() const {
  read_for_health();
  return store_.workflows();
}

std::optional<InstanceRow> FlakyStore::row(Key key) const {
  read_for_health();
  ++rows_;
  return store_.row(key);
}

std::vector<std::optional<ErrorRecord>> FlakyStore::errors(std::span<const Key> keys) const {
  read_for_health();
  return store_.errors(keys);
}

std::optional<History> FlakyStore::history(Key key, const HistoryOptions& options) const {
  read();
  ++histories_;
  std::optional<History> history = store_.history(key, options);
  if (!history) return history;
  for (const StepRow& step : history->steps) output_bytes_ += step.output.size();
  return history;
}

std::vector<StepOutput> FlakyStore::outputs(const OutputRange& range) {
  read();
  ++output_reads_;
  if (loses_outputs_) return {};
  std::vector<StepOutput> outputs = store_.outputs(range);
  for (const StepOutput& output : outputs) output_bytes_ += output.output.size();
  return outputs;
}

std::vector<InstanceRow> FlakyStore::queued(std::int64_t workflow, Key after, std::size_t limit) const {
  read();
  ++pages_;
  return store_.queued(workflow, after, limit);
}

std::vector<DueRow> FlakyStore::due(const DueRow& after, Time until, std::size_t limit) const {
  read();
  ++pages_;
  return store_.due(after, until, limit);
}

}  // namespace cairn::testing
