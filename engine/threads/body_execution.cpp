#include "engine/threads/body_execution.hpp"

#include <cairn/detail/caught.hpp>

#include <new>
#include <utility>

namespace cairn::engine {

void HostDoor::tell(Input input) {
  const Passage::Inside inside{passage_};
  if (inside) host_.heard(std::move(input));
}

BodyExecution::BodyExecution(RunBody&& run, BodyHost& host, std::shared_ptr<HostDoor> door)
    : context_(run.attempt, run.step(), run.idempotency_key(), run.stop.get_token()),
      run_(std::move(run)),
      host_(host),
      door_(std::move(door)) {
  ++host_.counts().waiting;
}

BodyExecution::~BodyExecution() {
  if (stage_ == Stage::waits) leave_stage();
}

void BodyExecution::leave_stage() {
  --(stage_ == Stage::waits ? host_.counts().waiting : host_.counts().running);
}

void BodyExecution::run() {
  const std::shared_ptr<detail::Body> body = run_.body;
  detail::contain([&] { body->start(shared_from_this()); },
                  [&] { fail(detail::result_of_current_exception()); });
}

void BodyExecution::fail(detail::BodyResult result) {
  if (stage_ == Stage::runs || begin()) finish(std::move(result));
}

bool BodyExecution::begin() {
  if (!run_.launch->begin(host_.time())) return false;
  ++host_.counts().running;
  leave_stage();
  stage_ = Stage::runs;
  return true;
}

void BodyExecution::finish(detail::BodyResult result) {
  leave_stage();
  stage_ = Stage::over;
  host_.returned(done(run_, std::move(result)));
}

void BodyExecution::lend(detail::WaitNumber wait) {
  StepPool::lend();
  try {
    door_->tell(
        Lend{.key = run_.key, .residency = run_.residency, .started_seq = run_.started_seq, .wait = wait});
  } catch (...) {
    StepPool::take_back(true, {});
    throw;
  }
}

// Without memory to ask for it, the body goes on, and what it has lent comes back with its result.
void BodyExecution::take_back(detail::WaitNumber wait, bool at_once, std::function<void()> granted) noexcept {
  TakeBack back{.key = run_.key,
                .residency = run_.residency,
                .started_seq = run_.started_seq,
                .wait = wait,
                .at_once = at_once};
  try {
    back.granted = std::make_shared<Grant>(granted);
  } catch (const std::bad_alloc&) {
    return granted();
  }
  try {
    door_->tell(std::move(back));
  } catch (const std::bad_alloc&) {
    // Whatever held the grant is gone, and it is told.
  }
}

BodyDone done(const RunBody& run, detail::BodyResult result) {
  return {.key = run.key,
          .residency = run.residency,
          .started_seq = run.started_seq,
          .result = std::move(result)};
}

}  // namespace cairn::engine
