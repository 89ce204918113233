#include "tests/stress/own_instance.hpp"

#include "tests/stress/text_calls.hpp"

#include <algorithm>

namespace cairn::testing {

namespace {

using namespace std::chrono_literals;

constexpr Duration kept = 30ms;

}  // namespace

NewInstance<int> OwnInstance::as_new() const {
  NewInstance<int> instance{.id = id_, .params = n_};
  if (passes_) instance.retention = {.success = kept, .error = kept};
  return instance;
}

bool OwnInstance::create(Turn& turn) {
  begun_ = std::chrono::steady_clock::now();
  const auto refusal = testing::create(turn, kind_, as_new(), {}, handle_);
  life_ = turn.life->number();
  return !refusal;
}

void OwnInstance::create_again(Turn& turn) {
  const auto asked = std::chrono::steady_clock::now();
  std::optional<Instance<int>> made;
  if (testing::create(turn, kind_, as_new(), {Errc::instance_already_exists}, made)) return;
  if (!may_have_passed()) report(turn, Call::create, "was made twice");
  begun_ = asked;
  paused_ = terminated_ = passed_ = false;
  handle_ = std::move(made);
  life_ = turn.life->number();
}

const Instance<int>* OwnInstance::handle(Turn& turn) {
  if (passed_) return nullptr;
  if (!handle_ || life_ != turn.life->number()) {
    const Workflow<int, int> workflow = turn.life->workflows().of(kind_);
    const auto refusal = turn.witness.call(Call::get, {gone()}, [&] { handle_ = workflow.get(id_); });
    note(turn, Call::get, refusal);
    if (refusal) return nullptr;
    life_ = turn.life->number();
  }
  return &*handle_;
}

// Whether it was done stands in the status at once, since nobody else does anything to it.
void OwnInstance::control(Turn& turn, Call call, Errc refused, void (Instance<int>::*command)() const) {
  const Instance<int>* instance = handle(turn);
  if (instance == nullptr) return;
  const auto refusal = turn.witness.call(call, {refused, gone()}, [&] { (instance->*command)(); });
  note(turn, call, refusal);
  if (refusal == refused) return expect_ended(turn, call);
  if (refusal) return;
  if (terminated_) report(turn, call, "was done to an instance that is terminated");
  switch (call) {
    case Call::pause:
      paused_ = true;
      return expect_status(turn, call, {Status::paused, Status::waiting_for_pause});
    case Call::terminate:
      terminated_ = true;
      paused_ = false;
      return expect_status(turn, call, {Status::terminated});
    default:
      paused_ = false;
      return expect_status(
          turn, call, {Status::queued, Status::running, Status::waiting, Status::complete, Status::errored});
  }
}

void OwnInstance::pause(Turn& turn) {
  control(turn, Call::pause, Errc::cannot_pause, &Instance<int>::pause);
}

void OwnInstance::resume(Turn& turn) {
  control(turn, Call::resume, Errc::cannot_resume, &Instance<int>::resume);
}

void OwnInstance::terminate(Turn& turn) {
  control(turn, Call::terminate, Errc::cannot_terminate, &Instance<int>::terminate);
}

void OwnInstance::restart(Turn& turn) {
  const auto asked = std::chrono::steady_clock::now();
  const Instance<int>* instance = handle(turn);
  if (instance == nullptr) return;
  const auto refusal = turn.witness.call(Call::restart, {gone()}, [&] { instance->restart(); });
  note(turn, Call::restart, refusal);
  if (refusal) return;
  begun_ = asked;
  paused_ = terminated_ = false;
  expect_status(turn, Call::restart,
                {Status::queued, Status::running, Status::waiting, Status::complete, Status::errored});
}

void OwnInstance::send_go(Turn& turn) {
  const Instance<int>* instance = handle(turn);
  if (instance == nullptr) return;
  const auto refusal = testing::send_go(turn, *instance, n_, {Errc::cannot_send_event, gone()});
  note(turn, Call::send_event, refusal);
  if (refusal == Errc::cannot_send_event) return expect_ended(turn, Call::send_event);
  if (!refusal && terminated_) report(turn, Call::send_event, "was taken by an instance that is terminated");
}

void OwnInstance::post_go(Turn& turn) {
  const Instance<int>* instance = handle(turn);
  if (instance == nullptr) return;
  turn.dice.one_in(3) ? post_go_and_cancel(turn, *instance, n_, passes_)
                      : testing::post_go(turn, *instance, n_, passes_);
}

void OwnInstance::look(Turn& turn) {
  const Workflow<int, int> workflow = turn.life->workflows().of(kind_);
  std::optional<Instance<int>> found;
  const auto refusal = turn.witness.call(Call::find, {}, [&] { found = workflow.find(id_); });
  if (!refusal && !found && !may_have_passed()) report(turn, Call::find, "is not there");
  if (handle(turn) == nullptr) return;
  if (terminated_) return expect_status(turn, Call::status, {Status::terminated});
  if (paused_) return expect_status(turn, Call::status, {Status::paused, Status::waiting_for_pause});
  expect_status(turn, Call::status,
                {Status::queued, Status::running, Status::waiting, Status::complete, Status::errored});
}

void OwnInstance::describe(Turn& turn) {
  const Instance<int>* instance = handle(turn);
  if (instance == nullptr) return;
  InstanceDetail detail;
  const auto refusal = turn.witness.call(Call::describe, {gone()}, [&] { detail = instance->describe(); });
  note(turn, Call::describe, refusal);
  if (refusal) return;
  if (detail.id != id_ || detail.params != n_) report(turn, Call::describe, "is told to be another one");
  if (detail.status == Status::complete && detail.output != json(expected(kind_, n_)))
    report(turn, Call::describe, "has the output " + detail.output.value_or(json()).dump());
  if (!is_finished(detail.status) && detail.error)
    report(turn, Call::describe, "is parked: " + detail.error->message);
}

void OwnInstance::describe_text(Turn& turn) {
  const Instance<int>* instance = handle(turn);
  if (instance == nullptr) return;
  InstanceText text;
  const DescribeOptions options{.steps = turn.dice.one_in(2)};
  const auto refusal = turn.witness.call(Call::describe_text, {gone()},
                                         [&] { text = instance->describe_text(options); });
  note(turn, Call::describe_text, refusal);
  if (refusal) return;
  if (text.id != id_ || text.params.text() != std::to_string(n_))
    report(turn, Call::describe_text, "is told to be another one");
  if (text.steps.size() != (options.steps ? text.step_count : 0))
    report(turn, Call::describe_text, "has other steps than were asked for");
  const JsonText output = text.output.value_or(JsonText{});
  if (text.status == Status::complete && output.text() != std::to_string(expected(kind_, n_)))
    report(turn, Call::describe_text, "has the output " + output.text());
}

void OwnInstance::wait_a_while(Turn& turn, Duration patience) {
  const Instance<int>* instance = handle(turn);
  if (instance == nullptr) return;
  std::optional<Errc> refusal;
  const auto ending = ending_of(
      turn, Call::wait_for, {Errc::timed_out, gone()}, [&] { return instance->wait_for(patience); },
      &refusal);
  note(turn, Call::wait_for, refusal);
  if (ending) hold_against(turn, Call::wait_for, *ending);
}

void OwnInstance::watch(Turn& turn) {
  const Instance<int>* instance = handle(turn);
  if (instance == nullptr) return;
  turn.dice.one_in(3) ? watch_and_cancel(turn, *instance, kind_, n_, passes_)
                      : testing::watch(turn, *instance, kind_, n_, passes_);
}

bool OwnInstance::bring_to_its_end(Turn& turn) {
  if (paused_) resume(turn);
  if (wants_event(kind_) && !terminated_) send_go(turn);
  const Instance<int>* instance = handle(turn);
  if (instance == nullptr) return passed_;
  std::optional<Errc> refusal;
  const auto ending = ending_of(
      turn, Call::wait, {gone()}, [&] { return instance->wait(); }, &refusal);
  note(turn, Call::wait, refusal);
  if (ending) hold_against(turn, Call::wait, *ending);
  return ending || passed_;
}

void OwnInstance::expect_status(Turn& turn, Call behind, std::initializer_list<Status> allowed) {
  const Instance<int>* instance = handle(turn);
  if (instance == nullptr) return;
  Status status{};
  const auto refusal = turn.witness.call(Call::status, {gone()}, [&] { status = instance->status(); });
  note(turn, Call::status, refusal);
  if (refusal || std::ranges::find(allowed, status) != allowed.end()) return;
  report(turn, behind, "is " + std::string{to_string(status)} + " behind it");
}

void OwnInstance::expect_ended(Turn& turn, Call behind) {
  if (terminated_) return expect_status(turn, behind, {Status::terminated});
  expect_status(turn, behind, {Status::complete, Status::errored});
}

// Times are stored in whole milliseconds.
bool OwnInstance::may_have_passed() const {
  return passes_ && std::chrono::steady_clock::now() - begun_ > kept - 1ms;
}

void OwnInstance::note(const Turn& turn, Call call, const std::optional<Errc>& refusal) {
  passed_ = refusal == Errc::instance_not_found;
  if (passed_ && !may_have_passed()) report(turn, call, "is gone before its time");
}

void OwnInstance::hold_against(Turn& turn, Call call, const Ending& ending) {
  std::string complaint = judge(ending, kind_, n_, terminated_);
  if (terminated_ && ending.output) complaint = "ended well, and is terminated";
  if (!complaint.empty()) report(turn, call, complaint);
}

void OwnInstance::report(const Turn& turn, Call call, const std::string& what) const {
  turn.witness.report(call, id_ + " (" + std::string{name_of(kind_)} + ") " + what);
}

}  // namespace cairn::testing
