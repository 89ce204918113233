#include "tests/faults/world.hpp"

#include <utility>

namespace cairn::testing {

using namespace std::chrono_literals;

World::World(Open open) : open_{std::move(open)} {
  this->open();
  defined_ = apply_one<Defined>(definition("orders", "1"));
}

void World::open() {
  store_ = open_(options_);
  if (told_) told_();
}

void World::reopen() {
  store_.reset();
  open();
}

void World::turn_on_audit_trail() {
  options_.audit_trail = true;
  reopen();
}

void World::open_if_closed() {
  if (!store_) open();
}

std::vector<Outcome> World::apply(std::vector<Change> group) {
  now_ += 1s;
  std::vector<Outcome> outcomes = store_->apply(group, now_);
  if (told_) told_();
  return outcomes;
}

void World::tidy(Demand demand) {
  for (int pieces = 0; pieces < 20 && store_->maintain(demand); ++pieces) {
  }
}

Define World::definition(const std::string& workflow, const std::string& version) const {
  return {workflow, version, "w-" + workflow, "v-" + workflow + "-" + version};
}

CreateBatch World::batch(std::size_t rows, Retention retention) {
  CreateBatch batch{
      .workflow = defined_.workflow, .version = defined_.version, .first_key = store_->ownership().next_key};
  for (std::size_t row = 0; row < rows; ++row) {
    const std::string id = "i" + std::to_string(++ids_);
    batch.rows.push_back({id, R"({"for":")" + id + R"("})", retention});
  }
  return batch;
}

Key World::running() {
  CreateBatch one = batch(1, {.success = 1min, .error = 2min});
  one.begun = 1;
  const Key key = one.first_key;
  Advance first{.key = key};
  first.starts.push_back(start(1));
  apply({std::move(one), std::move(first)});
  return key;
}

Key World::sleeping() {
  const Key key = running();
  Advance sleep{.key = key};
  sleep.results.push_back(result(1, 2));
  sleep.starts.push_back(start(3, StepKind::sleep));
  sleep.leave = Cause::wait;
  sleep.wake_at = sleep.starts[0].due;
  apply({std::move(sleep)});
  return key;
}

Key World::waiting(const std::string& event_type) {
  const Key key = running();
  Advance wait{.key = key};
  wait.results.push_back(result(1, 2));
  wait.starts.push_back(start(3, StepKind::wait_for_event));
  wait.starts[0].event_type = event_type;
  wait.leave = Cause::wait;
  wait.wake_at = wait.starts[0].due;
  apply({std::move(wait)});
  return key;
}

StepStart World::start(Sequence seq, StepKind kind) const {
  StepStart start{.started_seq = seq, .kind = kind, .name = "s" + std::to_string(seq), .at = now_ + 1s};
  if (kind != StepKind::step) start.due = start.at + 1h;
  return start;
}

StepResult World::result(Sequence seq, Sequence ended, std::int32_t attempt) const {
  return {.started_seq = seq, .attempt = attempt, .ended_seq = ended, .output = R"("done")", .at = now_ + 1s};
}

StepResult World::failure(Sequence seq, std::int32_t attempt, bool interrupted) const {
  StepResult failure{.started_seq = seq, .attempt = attempt, .retry_due = now_ + 10s};
  failure.error = ErrorRecord{"Error", "no luck"};
  failure.interrupted = interrupted;
  failure.at = now_ + 1s;
  return failure;
}

void World::control(Key key, Command command, bool idle) {
  apply({Control{.key = key, .command = command, .idle = idle, .version = defined_.version}});
}

}  // namespace cairn::testing
