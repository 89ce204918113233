#include "tests/faults/peak_record.hpp"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

namespace cairn::testing {
namespace {

constexpr Time now{Duration{1'700'000'000'000}};
constexpr std::size_t steps_together = 100;  // in one change

template <class Result, class One>
Result apply(Store& store, One change) {
  const std::vector<Change> group{std::move(change)};
  return std::get<Result>(store.apply(group, now).at(0));
}

}  // namespace

PeakRecord::PeakRecord(const std::filesystem::path& file) : store_(open_sqlite(file)) {
  plain_ = apply<Defined>(*store_, Define{.name = "plain",
                                          .version = "1",
                                          .workflow_id = "00000000-0000-4000-8000-000000000001",
                                          .version_id = "00000000-0000-4000-8000-000000000002"});
}

Key PeakRecord::begin(const std::string& id) {
  const Key key = store_->ownership().next_key;
  CreateBatch batch{.workflow = plain_.workflow, .version = plain_.version, .first_key = key};
  batch.rows.push_back({.id = id, .params = "{}"});
  apply<Created>(*store_, std::move(batch));
  apply<Advanced>(*store_, Advance{.key = key, .enter = Cause::start});
  return key;
}

// Each piece begins its steps, and then ends them in their order.
void PeakRecord::add_steps(Key key, std::size_t count, const std::string& output) {
  Sequence sequence = 1;
  for (std::size_t done = 0; done < count;) {
    const std::size_t piece = std::min(count - done, steps_together);
    Advance begun{.key = key};
    Advance ended{.key = key};
    for (std::size_t i = 0; i < piece; ++i) {
      const Sequence started = sequence + static_cast<Sequence>(i);
      begun.starts.push_back({.started_seq = started,
                              .name = "step",
                              .count = static_cast<std::int32_t>(done + i + 1),
                              .at = now});
      StepResult result{.started_seq = started, .output = output, .at = now};
      result.ended_seq = started + static_cast<Sequence>(piece);
      ended.results.push_back(std::move(result));
    }
    apply<Advanced>(*store_, std::move(begun));
    apply<Advanced>(*store_, std::move(ended));
    sequence += static_cast<Sequence>(2 * piece);
    done += piece;
  }
}

void PeakRecord::add_events(Key key, std::size_t count, const std::string& payload) {
  for (std::size_t i = 0; i < count; ++i) {
    apply<Sent>(*store_, SendEvent{.key = key, .type = "word", .payload = payload, .buffered_max = count});
  }
}

std::string text_of_bytes(std::size_t bytes) {
  return '"' + std::string(bytes - 2, 'x') + '"';
}

}  // namespace cairn::testing
