#include "engine/instance/frames.hpp"
#include "engine/instance/workflow_code.hpp"

#include <cairn/codec.hpp>
#include <cairn/detail/caught.hpp>

#include <algorithm>
#include <new>
#include <utility>

// How frames go on: in the order in which they became ready, and ends in the order of their numbers.
namespace cairn::engine {

Share Frames::run(Share share) {
  share_ = share;
  do {
    drain();
  } while (!stopped() && !share_.spent() && deliver_next());
  if (!stopped() && at_rest()) come_to_rest();
  return share_;
}

void Frames::drain() {
  const WorkflowCode scope;
  while (!stopped() && !share_.spent()) {
    const std::coroutine_handle<> frame = take_ready();
    if (!frame) return;
    share_.spend(Share::resumption);
    frame.resume();
  }
}

std::coroutine_handle<> Frames::take_ready() {
  if (refused_ != nullptr) return std::exchange(refused_, nullptr)->waiter;
  if (ready_.empty()) return {};
  const std::coroutine_handle<> frame = ready_.front();
  ready_.pop_front();
  return frame;
}

bool Frames::at_rest() const {
  return refused_ == nullptr && ready_.empty() && ended_.empty() && !may_deliver_recorded();
}

void Frames::come_to_rest() {
  came_to_rest_ = true;
  if (!strict_) judge_insertion();
  if (!strict_ || (unasked_ == 0 && asked_ends_.empty())) return;
  const char* const does = lacks_memory_ ? "the workflow finds no memory"
                           : finished()  ? "the workflow ended"
                                         : "the workflow waits";
  contradiction_ = ErrorRecord{"NonDeterminism",
                               std::string{does} + " where the record has " + first_unasked()};
}

// Adopting code may insert steps, and leave some out. But who asks for another step of a name that the record
// has, and does not ask for the rest of the record, has in all likelihood given an inserted step what another
// one had done, and is about to do that again.
void Frames::judge_insertion() {
  if (!inserted_) return;
  Doubt inserted = *std::exchange(inserted_, std::nullopt);
  if (unasked_ == 0) return;
  inserted.text = "the adopting code asks for " + inserted.text +
                  ", which is not recorded, though others of that name are, and has not asked for " +
                  first_unasked() + ": in all likelihood an inserted step was given the record of another";
  if (definition_->options.adopts_strictly) {
    contradiction_ = ErrorRecord{"NonDeterminism", std::move(inserted.text)};
  } else {
    doubt_ = std::move(inserted);
  }
}

std::string Frames::left_out() const {
  if (strict_ || unasked_ == 0) return {};
  return first_unasked() + (unasked_ == 1 ? "" : " and " + std::to_string(unasked_ - 1) + " more");
}

std::string Frames::first_unasked() const {
  const auto first = std::find_if(recorded_.begin(), recorded_.end(),
                                  [](const Recorded& recorded) { return !recorded.asked; });
  if (first == recorded_.end()) return "another order of steps";
  return std::string{to_string(first->name->kind)} + " \"" + first->name->text + "-" +
         std::to_string(first->count) + "\"";
}

// ----------------------------------------------------------------------------------------------------------
// ends

bool Frames::may_deliver_recorded() const {
  return !asked_ends_.empty() && (!strict_ || unseen_.is_first(asked_ends_.begin()->first));
}

// What is recorded comes first, also when it is still to be read.
bool Frames::deliver_next() {
  if (!may_deliver_recorded()) return deliver_ended();
  if (asked_ends_.begin()->second.first->cut) return false;
  deliver_recorded();
  return true;
}

void Frames::deliver_recorded() {
  const auto next = asked_ends_.begin();
  auto [recorded, call] = next->second;
  unseen_.consume(next->first);
  asked_ends_.erase(next);
  give(*call, recorded->count, std::move(recorded->resolution));
}

std::optional<Frames::Missing> Frames::missing() const {
  if (stopped() || refused_ != nullptr || !ready_.empty() || !may_deliver_recorded()) return std::nullopt;
  const Recorded* const next = asked_ends_.begin()->second.first;
  if (!next->cut) return std::nullopt;
  // Up to the first one that has been read already, so that none is read twice.
  const auto first = recorded_.begin() + (next - recorded_.data());
  const auto end = std::find_if(
      first, recorded_.end(), [](const Recorded& recorded) { return !recorded.cut && recorded.has_output; });
  return Missing{next->started_seq, std::prev(end)->started_seq};
}

void Frames::supply(std::vector<StepOutput> outputs) {
  for (StepOutput& read : outputs) {
    const auto found = std::ranges::lower_bound(recorded_, read.started_seq, {}, &Recorded::started_seq);
    if (found == recorded_.end() || found->started_seq != read.started_seq || !found->cut) continue;
    text_bytes_ += read.output.size();
    found->resolution.output = std::move(read.output);
    found->cut = false;
  }
  if (const std::optional<Missing> still = missing()) {
    const Recorded& lost = *asked_ends_.begin()->second.first;
    contradiction_ = ErrorRecord{"DamagedRecord", std::string{to_string(lost.name->kind)} + " \"" +
                                                      lost.name->text + "-" + std::to_string(lost.count) +
                                                      "\": its result cannot be found any more"};
  }
}

bool Frames::deliver_ended() {
  if (ended_.empty()) return false;
  End end = std::move(ended_.front());
  ended_.pop_front();
  give(*end.call, end.count, std::move(end.resolution));
  return true;
}

void Frames::give(detail::StepCall& call, std::int32_t count, detail::Resolution resolution) {
  if (!accept(call, count, resolution)) return;
  call.resolution = std::move(resolution);
  schedule(call.waiter);
}

Sequence Frames::end(Sequence started_seq, detail::Resolution resolution) {
  const auto step = open_.find(started_seq);
  const auto& [call, count] = std::pair{step->second.call, step->second.count};
  text_bytes_ += resolution.output.size();
  if (call != nullptr) ended_.push_back({call, count, std::move(resolution)});
  open_.erase(step);
  return next_seq_++;
}

Sequence Frames::close(Sequence started_seq) {
  open_.erase(started_seq);
  return next_seq_++;
}

// ----------------------------------------------------------------------------------------------------------
// what is recorded, as the code takes it

bool Frames::accepts(Sequence started_seq, const detail::Resolution& resolution) {
  const OpenStep& step = open_.at(started_seq);
  return accept(*step.call, step.count, resolution);
}

// Before the frame goes on: so no code can catch what does not fit, and no event is taken in vain.
bool Frames::accept(const detail::StepCall& call, std::int32_t count, const detail::Resolution& resolution) {
  if (resolution.error || call.body == nullptr) return true;
  const WorkflowCode scope;
  bool fits = false;
  const auto convert = [&] {
    const bool event = call.kind == StepKind::wait_for_event;
    if (call.body->accept(resolution.output, event ? "event" : "recorded result"))
      share_.spend_on_text(resolution.output.size());
    fits = true;
  };
  detail::contain(convert, [&] {
    if (detail::Caught::current().is_lack_of_memory()) note_lack_of_memory();
    if (starved()) return;
    try {
      contradict(std::string{to_string(call.kind)} + " \"" + call.name + "-" + std::to_string(count) + "\"",
                 resolution.output, call.body->type());
    } catch (const std::bad_alloc&) {
      note_lack_of_memory();
      if (!starved()) contradiction_ = ErrorRecord{"TypeMismatch", {}};  // short enough to need none
    }
  });
  return fits;
}

void Frames::contradict(std::string_view what, const std::string& recorded, std::string_view type) {
  std::string text = (what.empty() ? std::string{} : std::string{what} + ": ") +
                     detail::what_of_current_exception();
  try {
    const json value = parse_json(recorded, "record");
    text += "; the record has " + std::string{kind_of(value)} + ", the code wants " + std::string{type};
    contradiction_ = ErrorRecord{"TypeMismatch", std::move(text)};
  } catch (const Error&) {
    contradiction_ = ErrorRecord{"DamagedRecord", std::move(text)};
  }
}

}  // namespace cairn::engine
