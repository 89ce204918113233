#include "engine/instance/frames.hpp"

#include "engine/instance/workflow_code.hpp"

#include <cairn/detail/caught.hpp>
#include <cairn/detail/counted.hpp>
#include <cairn/error.hpp>
#include <cairn/id.hpp>

#include <algorithm>
#include <new>
#include <utility>

namespace cairn::engine {

Frames::Frames(std::shared_ptr<const detail::Definition> definition, const InstanceInfo& info,
               History&& history, const Limits& limits, bool strict)
    : definition_(std::move(definition)),
      limits_(limits),
      strict_(strict),
      context_(*this, info),
      params_(std::move(history.params)),
      text_bytes_(params_.size()) {
  load(std::move(history.steps));
  const WorkflowCode scope;
  root_.emplace(definition_->run(context_, params_));
  root_->frame().promise().tree = this;
  schedule(root_->frame());
}

Frames::~Frames() {
  const WorkflowCode scope;  // destructors of local objects are workflow code as well
  ready_.clear();
  root_.reset();
}

// ----------------------------------------------------------------------------------------------------------
// the record

void Frames::Unseen::sort() {
  const auto before = [](const Position& one, const Position& other) { return one.seq < other.seq; };
  // Without branches side by side it is in order already.
  if (!std::is_sorted(positions_.begin(), positions_.end(), before))
    std::sort(positions_.begin(), positions_.end(), before);
}

void Frames::Unseen::consume(Sequence seq) {
  const auto before = [](const Position& position, Sequence sought) { return position.seq < sought; };
  auto found = positions_.begin() + static_cast<std::ptrdiff_t>(first_);
  if (!is_first(seq)) found = std::lower_bound(found, positions_.end(), seq, before);
  found->seen = true;
  while (first_ < positions_.size() && positions_[first_].seen) ++first_;
}

bool Frames::Unseen::follows(Sequence seq, Sequence next) const noexcept {
  if (!is_first(seq)) return false;
  std::size_t second = first_ + 1;
  while (second < positions_.size() && positions_[second].seen) ++second;
  return second < positions_.size() && positions_[second].seq == next;
}

void Frames::load(std::vector<StepRow> rows) {
  recorded_.reserve(rows.size());
  unseen_.reserve(2 * rows.size());
  for (StepRow& row : rows) {
    add_recorded(row);
    unseen_.add(row.started_seq);
    next_seq_ = std::max(next_seq_, row.started_seq + 1);
    if (row.ended_seq) {
      unseen_.add(*row.ended_seq);
      next_seq_ = std::max(next_seq_, *row.ended_seq + 1);
    } else {
      add_open(std::move(row));
    }
  }
  unseen_.sort();
  unasked_ = recorded_.size();
}

void Frames::add_recorded(StepRow& row) {
  auto& [name, uses] = find_name(row.kind, row.name);
  Recorded& recorded = recorded_.emplace_back();
  recorded.started_seq = row.started_seq;
  recorded.ended_seq = row.ended_seq;
  text_bytes_ += row.output.size();
  recorded.has_output = row.cut || !row.output.empty();
  recorded.resolution = {std::move(row.output), std::move(row.error)};
  recorded.cut = row.cut;
  recorded.name = &name;
  recorded.count = row.count;
  // Uses begin in the order of their counts.
  (uses.last == nullptr ? uses.next : uses.last->next_use) = &recorded;
  uses.last = &recorded;
}

void Frames::add_open(StepRow&& row) {
  // It would never end.
  if (row.kind != StepKind::step && !row.due) {
    throw Error{Errc::store_failed, "step \"" + row.name + "-" + std::to_string(row.count) +
                                        "\" waits for a time that the record does not tell"};
  }
  open_.emplace(row.started_seq, OpenStep{.started_seq = row.started_seq,
                                          .kind = row.kind,
                                          .name = std::move(row.name),
                                          .count = row.count,
                                          .options = read_config(row.config),
                                          .event_type = std::move(row.event_type),
                                          .attempt = row.attempt,
                                          .crashes = row.crashes,
                                          .due = row.due,
                                          .due_fixed = row.due_fixed,
                                          .moves = row.moves,
                                          .in_flight = row.kind == StepKind::step && !row.due});
}

Frames::Names::value_type& Frames::find_name(StepKind kind, const std::string& text) {
  const auto found = names_.find(NameView{kind, text});
  return found != names_.end() ? *found : *names_.try_emplace(Name{kind, text}).first;
}

// The recorded use that the code has come to now, if there is one.
Frames::Recorded* Frames::take_use(Uses& uses) {
  while (uses.next != nullptr && uses.next->count < uses.asked) uses.next = uses.next->next_use;
  if (uses.next == nullptr || uses.next->count != uses.asked) return nullptr;
  return std::exchange(uses.next, uses.next->next_use);
}

// ----------------------------------------------------------------------------------------------------------
// requests

void Frames::check(const detail::StepCall& call) const {
  check_step_name(call.name);
  const auto refuse = [&](const char* rule) {
    throw Error{Errc::invalid_argument, "step \"" + call.name + "\": " + rule};
  };
  constexpr Duration longest = std::chrono::hours{24 * 365};
  constexpr Time last_time = std::chrono::sys_days{std::chrono::year{9999} / 12 / 31};
  if (call.kind == StepKind::step) {
    if (call.options.timeout.count() <= 0) refuse("timeout must be more than 0");
    if (call.options.timeout > duration_max) refuse("timeout must be at most 3,650 days");
    if (call.options.retries.delay.count() < 0) refuse("retries.delay must be 0 or more");
    if (call.options.retries.delay > duration_max) refuse("retries.delay must be at most 3,650 days");
    if (call.options.retries.limit > 10'000) refuse("retries.limit must be at most 10,000");
  } else if (call.kind == StepKind::sleep) {
    if (call.span > longest) refuse("a sleep must be at most 365 days");
    if (call.until && *call.until > last_time) refuse("a sleep must end before the year 10000");
  } else {
    check_event_type(call.event_type);
    if (call.span.count() < 1 || call.span > longest) refuse("timeout must be from 1 ms to 365 days");
  }
}

// What breaks a rule is thrown at once, and code may catch it and ask again, for ever. So when the share is
// spent it is suspended first, and told before any other frame goes on: nobody can tell the difference. Of a
// lack of memory it is not told: whatever it did then, it would not do when it is replayed.
bool Frames::request(detail::StepCall& call) {
  ++operations_;
  try {
    return ask(call);
  } catch (...) {
    if (detail::Caught::current().is_lack_of_memory()) note_lack_of_memory();
    if (starved()) return false;
    share_.spend(Share::resumption);
    if (fails_at_limit()) return false;
    if (!share_.spent()) throw;
    call.refusal = std::current_exception();
    refused_ = &call;
    return false;
  }
}

// What is recorded is never refused by a limit: it was asked for under another one.
bool Frames::ask(detail::StepCall& call) {
  check(call);
  Uses& uses = find_name(call.kind, call.name).second;
  const Uses before = uses;
  const std::size_t steps_before = steps_;
  try {
    return ask(call, uses);
  } catch (const std::bad_alloc&) {
    // It was not asked for. Code that may see that asks again.
    uses = before;
    steps_ = steps_before;
    throw;
  }
}

bool Frames::ask(detail::StepCall& call, Uses& uses) {
  ++uses.asked;
  if (call.kind != StepKind::sleep) ++steps_;
  if (Recorded* const recorded = take_use(uses)) return replay(*recorded, call);
  if (strict_ && unasked_ > 0) {
    contradiction_ = ErrorRecord{"NonDeterminism", "the workflow asks for \"" + call.name + "-" +
                                                       std::to_string(uses.asked) +
                                                       "\" where the record has " + first_unasked()};
    return false;
  }
  // Whether the rest of the record is asked for, shows when it has been replayed.
  if (!strict_ && !inserted_ && !doubt_ && uses.last != nullptr && unasked_ > 0) {
    inserted_ = Doubt{next_seq_, std::string{to_string(call.kind)} + " \"" + call.name + "-" +
                                     std::to_string(uses.asked) + '"'};
    if (came_to_rest_) judge_insertion();
    if (contradiction_) return false;
  }
  if (fails_at_limit()) return false;
  if (call.kind != StepKind::sleep && steps_ > limits_.steps) {
    throw Error{Errc::invalid_argument,
                "the limit of " + detail::counted(limits_.steps, "step") + " in one run has been reached"};
  }
  start_new(call, uses.asked);
  return false;
}

bool Frames::fails_at_limit() {
  if (operations_ <= limits_.operations) return false;
  failure_ = ErrorRecord{
      "WorkflowInternalError",
      "the limit of " + detail::counted(limits_.operations, "operation") + " in one run has been reached"};
  return true;
}

bool Frames::replay(Recorded& recorded, detail::StepCall& call) {
  const std::optional<Sequence> end = recorded.ended_seq;
  // Going on without suspending is right only if this end is next and no other frame was ready before.
  const bool goes_on = end && !recorded.cut && ready_.empty() && !share_.spent() &&
                       unseen_.follows(recorded.started_seq, *end);
  // Before anything counts as asked for: it needs memory.
  if (end && !goes_on) asked_ends_.emplace(*end, std::pair{&recorded, &call});
  recorded.asked = true;
  --unasked_;
  unseen_.consume(recorded.started_seq);
  if (!end) open_.at(recorded.started_seq).call = &call;
  if (!goes_on || !accept(call, recorded.count, recorded.resolution)) return false;
  unseen_.consume(*end);
  call.resolution = std::move(recorded.resolution);
  share_.spend(Share::resumption);
  return true;
}

void Frames::start_new(detail::StepCall& call, std::int32_t count) {
  share_.spend(Share::change);
  OpenStep step{.started_seq = next_seq_++,
                .kind = call.kind,
                .name = call.name,
                .count = count,
                .options = call.options};
  step.event_type = call.event_type;
  step.call = &call;
  started_.push_back(step.started_seq);
  try {
    open_.emplace(step.started_seq, std::move(step));
  } catch (...) {
    started_.pop_back();
    throw;
  }
}

std::vector<Sequence> Frames::take_started() {
  return std::exchange(started_, {});
}

bool Frames::finished() const {
  return root_->frame().done();
}

detail::Resolution Frames::result() {
  try {
    return {.output = root_->frame().promise().take()};
  } catch (...) {
    return {.output = {}, .error = detail::result_of_current_exception().error};
  }
}

}  // namespace cairn::engine
