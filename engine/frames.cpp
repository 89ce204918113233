#include "engine/frames.hpp"

#include "engine/workflow_code.hpp"

#include <cairn/error.hpp>
#include <cairn/id.hpp>

#include <algorithm>
#include <utility>

namespace cairn::engine {

Frames::Frames(std::shared_ptr<const detail::Definition> definition, const InstanceInfo& info,
               const History& history, const Limits& limits, bool strict)
    : definition_(std::move(definition)),
      limits_(limits),
      strict_(strict),
      context_(*this, info),
      params_(history.params) {
  load(history);
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

void Frames::load(const History& history) {
  recorded_.reserve(history.steps.size());
  unseen_.reserve(2 * history.steps.size());
  for (const StepRow& row : history.steps) {
    add_recorded(row);
    unseen_.add(row.started_seq);
    next_seq_ = std::max(next_seq_, row.started_seq + 1);
    if (row.ended_seq) {
      unseen_.add(*row.ended_seq);
      next_seq_ = std::max(next_seq_, *row.ended_seq + 1);
    } else {
      add_open(row);
    }
  }
  unseen_.sort();
  unasked_ = recorded_.size();
}

void Frames::add_recorded(const StepRow& row) {
  auto& [name, uses] = find_name(row.kind, row.name);
  Recorded& recorded = recorded_.emplace_back();
  recorded.started_seq = row.started_seq;
  recorded.ended_seq = row.ended_seq;
  recorded.resolution = {row.output, row.error};
  recorded.name = &name;
  recorded.count = row.count;
  // Uses begin in the order of their counts.
  (uses.last == nullptr ? uses.next : uses.last->next_use) = &recorded;
  uses.last = &recorded;
}

void Frames::add_open(const StepRow& row) {
  open_.emplace(row.started_seq, OpenStep{.started_seq = row.started_seq,
                                          .kind = row.kind,
                                          .name = row.name,
                                          .count = row.count,
                                          .options = read_config(row.config),
                                          .event_type = row.event_type,
                                          .attempt = row.attempt,
                                          .crashes = row.crashes,
                                          .due = row.due,
                                          .due_fixed = row.due_fixed,
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

bool Frames::request(detail::StepCall& call) {
  check(call);
  Uses& uses = find_name(call.kind, call.name).second;
  ++uses.asked;
  if (call.kind != StepKind::sleep && ++steps_ > limits_.steps) {
    throw Error{Errc::invalid_argument,
                "the limit of " + std::to_string(limits_.steps) + " steps in one run has been reached"};
  }
  if (Recorded* const recorded = take_use(uses)) return replay(*recorded, call);
  start_new(call, uses.asked);
  return false;
}

bool Frames::replay(Recorded& recorded, detail::StepCall& call) {
  recorded.asked = true;
  --unasked_;
  unseen_.consume(recorded.started_seq);
  if (!recorded.ended_seq) {
    open_.at(recorded.started_seq).call = &call;
    return false;
  }
  // Going on without suspending is right only if this end is next and no other frame was ready before.
  if (ready_.empty() && unseen_.is_first(*recorded.ended_seq)) {
    unseen_.consume(*recorded.ended_seq);
    call.resolution = std::move(recorded.resolution);
    return true;
  }
  asked_ends_.emplace(*recorded.ended_seq, std::pair{&recorded, &call});
  return false;
}

void Frames::start_new(detail::StepCall& call, std::int32_t count) {
  if (strict_ && unasked_ > 0 && !contradiction_) {
    contradiction_ = "the workflow asks for \"" + call.name + "-" + std::to_string(count) +
                     "\" where the record has " + first_unasked();
  }
  OpenStep step{.started_seq = next_seq_++,
                .kind = call.kind,
                .name = call.name,
                .count = count,
                .options = call.options};
  step.event_type = call.event_type;
  step.call = &call;
  started_.push_back(step.started_seq);
  open_.emplace(step.started_seq, std::move(step));
}

void Frames::drain() {
  const WorkflowCode scope;
  while (!ready_.empty() && !contradiction_ && !starved()) {
    const std::coroutine_handle<> frame = ready_.front();
    ready_.pop_front();
    frame.resume();
  }
}

bool Frames::deliver_recorded() {
  if (asked_ends_.empty()) return false;
  const auto next = asked_ends_.begin();
  if (strict_ && !unseen_.is_first(next->first)) return false;
  auto [recorded, call] = next->second;
  unseen_.consume(next->first);
  asked_ends_.erase(next);
  call->resolution = std::move(recorded->resolution);
  schedule(call->waiter);
  return true;
}

void Frames::run() {
  do {
    drain();
  } while (!contradiction_ && !starved() && deliver_recorded());
  if (strict_ && !contradiction_ && !starved() && (unasked_ > 0 || !asked_ends_.empty())) {
    const char* const does = lacks_memory_ ? "the workflow finds no memory"
                             : finished()  ? "the workflow ended"
                                           : "the workflow waits";
    contradiction_ = std::string{does} + " where the record has " + first_unasked();
  }
}

Sequence Frames::deliver(Sequence started_seq, detail::Resolution resolution) {
  const auto step = open_.find(started_seq);
  if (step->second.call != nullptr) {
    step->second.call->resolution = std::move(resolution);
    schedule(step->second.call->waiter);
  }
  open_.erase(step);
  return next_seq_++;
}

Sequence Frames::close(Sequence started_seq) {
  open_.erase(started_seq);
  return next_seq_++;
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

std::string Frames::first_unasked() const {
  const auto first = std::find_if(recorded_.begin(), recorded_.end(),
                                  [](const Recorded& recorded) { return !recorded.asked; });
  if (first == recorded_.end()) return "another order of steps";
  return std::string{to_string(first->name->kind)} + " \"" + first->name->text + "-" +
         std::to_string(first->count) + "\"";
}

}  // namespace cairn::engine
