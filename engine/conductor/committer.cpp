#include "engine/conductor/committer.hpp"

#include <cairn/detail/caught.hpp>

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

namespace cairn::engine {

Committer::Turn Committer::take(std::vector<Input> inputs, ClockReading reading) {
  const bool has_group = prepare(inputs, reading);
  const Time now = conductor_.time_of_turn(reading);
  if (has_group) write(now);
  report(now);
  return finish();
}

namespace {

// Records in memory at a time, besides the instances that they become.
constexpr std::size_t loaded_together = 64;

}  // namespace

bool Committer::prepare(std::span<Input> inputs, ClockReading reading) {
  conductor_.look_at_clock(reading);
  const Time now = conductor_.time_of_turn(reading);
  for (std::span<Input> rest = inputs; !rest.empty();) {
    const std::span<Input> piece = rest.first(std::min(rest.size(), loaded_together));
    foresee(piece);
    for (Input& input : piece) conductor_.take(std::move(input), now);
    rest = rest.subspan(piece.size());
  }
  answer_reads(now);
  conductor_.pump(now);
  answer_reads(now);
  full_ = conductor_.turn_is_full();
  wrote_ = !conductor_.take_group().empty();
  return wrote_;
}

void Committer::write(Time now) {
  try {
    outcomes_ = store_.apply(conductor_.group(), now);
  } catch (const Error& error) {
    failure_ = error;
  } catch (const std::exception& error) {
    // Such as a lack of memory: nobody can say how far it came.
    fail(detail::what_of(error).c_str());
  }
}

void Committer::fail(const char* why) noexcept {
  try {
    failure_.emplace(Errc::outcome_unknown, why);
  } catch (const std::bad_alloc&) {
    failure_ = no_memory_;
  }
}

void Committer::report(Time now) {
  if (failure_) {
    conductor_.failed(*std::exchange(failure_, std::nullopt), now);
  } else if (wrote_) {
    conductor_.committed(std::exchange(outcomes_, {}), now);
  }
}

// What the commit led to is another turn's: between turns others take the role, and no caller is kept for
// the work of all.
Committer::Turn Committer::finish() {
  const bool more = (wrote_ || full_) && conductor_.wants_turn();
  return {.actions = conductor_.take_actions(), .more = more};
}

void Committer::listen(std::vector<BodyDone> results, ClockReading reading) {
  const Time now = conductor_.time_of_turn(reading);
  for (BodyDone& result : results) conductor_.take(std::move(result), now);
}

void Committer::foresee(std::span<const Input> inputs) {
  try {
    const std::vector<EventTarget> targets = conductor_.foresee(inputs);
    if (!targets.empty()) conductor_.answer(targets, store_.awaiting(targets, conductor_.loaded_bytes()));
  } catch (const std::exception&) {
    // Then they are written, and the store says again what is wrong with it.
  }
}

void Committer::answer_reads(Time now) {
  for (std::vector<Read> reads = conductor_.take_reads(); !reads.empty(); reads = conductor_.take_reads()) {
    std::vector<Key> keys;
    std::vector<const ReadTaken*> batches;
    for (const Read& read : reads) {
      if (const auto* history = std::get_if<ReadHistory>(&read)) {
        keys.push_back(history->key);
      } else if (const auto* batch = std::get_if<ReadTaken>(&read)) {
        batches.push_back(batch);
      } else {
        answer(read, now);
      }
    }
    if (!batches.empty()) look_up(batches, now);
    for (std::span<const Key> rest{keys}; !rest.empty();) {
      const std::size_t count = std::min(rest.size(), loaded_together);
      load(rest.first(count), now);
      rest = rest.subspan(count);
    }
    conductor_.pump(now);
  }
}

void Committer::load(std::span<const Key> keys, Time now) {
  std::vector<std::optional<History>> histories;
  try {
    histories = store_.load(keys, conductor_.loaded_bytes());
  } catch (const Error& error) {
    for (const Key key : keys) conductor_.failed(ReadHistory{key}, error, now);
    return;
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    conductor_.answer(ReadHistory{keys[i]}, std::move(histories[i]), now);
  }
}

// In one read for all that is created together.
void Committer::look_up(std::span<const ReadTaken* const> batches, Time now) {
  std::vector<bool> taken;
  try {
    std::vector<WantedId> ids;
    for (const ReadTaken* batch : batches) ids.insert(ids.end(), batch->ids.begin(), batch->ids.end());
    if (!ids.empty()) taken = store_.taken(ids);
    if (taken.size() != ids.size()) return;
  } catch (const std::exception&) {
    return;  // they begin when they are there, and the store says again what is wrong with it
  }
  auto next = taken.begin();
  for (const ReadTaken* batch : batches) {
    const auto end = next + static_cast<std::ptrdiff_t>(batch->ids.size());
    conductor_.answer(*batch, std::vector<bool>(next, end), now);
    next = end;
  }
}

Names Committer::read_names() const {
  Names names{.workflows = store_.workflows()};
  for (const WorkflowRow& workflow : names.workflows) {
    const std::vector<VersionRow> versions = store_.versions(workflow.workflow);
    names.versions.insert(names.versions.end(), versions.begin(), versions.end());
  }
  return names;
}

void Committer::answer(const ReadParked& read) {
  const std::vector<InstanceRow> rows = store_.list({.workflow = read.workflow,
                                                     .status = Status::paused,
                                                     .after = read.after,
                                                     .newest_first = false,
                                                     .limit = read.limit});
  std::vector<Key> keys;
  keys.reserve(rows.size());
  for (const InstanceRow& row : rows) keys.push_back(row.key);
  conductor_.answer(read, rows,
                    keys.empty() ? std::vector<std::optional<ErrorRecord>>{} : store_.errors(keys));
}

void Committer::answer(const Read& read, Time now) {
  try {
    if (const auto* end = std::get_if<ReadEnd>(&read)) {
      conductor_.answer(*end, store_.history(end->key, {.steps = false, .events = false}));
    } else if (const auto* queued = std::get_if<ReadQueued>(&read)) {
      conductor_.answer(*queued, store_.queued(queued->workflow, queued->after, queued->limit));
    } else if (const auto* due = std::get_if<ReadDue>(&read)) {
      conductor_.answer(*due, store_.due(due->after, due->until, due->limit));
    } else if (const auto* outputs = std::get_if<ReadOutputs>(&read)) {
      conductor_.answer(*outputs, store_.outputs(outputs->range), now);
    } else if (const auto* rows = std::get_if<ReadRows>(&read)) {
      for (const Key key : rows->keys) {
        if (const std::optional<InstanceRow> row = store_.row(key)) conductor_.answer(*rows, *row);
      }
    } else if (std::holds_alternative<ReadNames>(read)) {
      conductor_.answer(ReadNames{}, read_names());
    } else if (const auto* parked = std::get_if<ReadParked>(&read)) {
      answer(*parked);
    }
  } catch (const Error& error) {
    conductor_.failed(read, error, now);
  }
}

}  // namespace cairn::engine
