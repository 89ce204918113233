#include "tests/stress/life.hpp"

#include <string>

namespace cairn::testing {

Life::Visit::Visit(Life& life) : life_{life} {
  const std::lock_guard lock{life.mutex_};
  if (life.closed_) return;
  ++life.visitors_;
  engine_ = &*life.engine_;
}

Life::Visit::~Visit() {
  if (engine_ == nullptr) return;
  const std::lock_guard lock{life_.mutex_};
  if (--life_.visitors_ == 0) life_.changed_.notify_all();
}

Life::Life(std::uint64_t number, std::shared_ptr<SharedInstances> shared, std::unique_ptr<Store> store,
           const EngineOptions& options)
    : number_{number},
      shared_{std::move(shared)},
      engine_{std::in_place, std::move(store), options},
      workflows_{*engine_} {
  // What an earlier life has defined and left unfinished goes on only where it is defined.
  if (shared_->has_newer_paces()) define_newer_paces(*engine_, workflows_);
  for (const std::string& name : shared_->extras()) engine_->define(name, extra);
}

void Life::start(Witness& witness) {
  witness.call(Call::start, {}, [&] { engine_->start(); });
}

bool Life::stop(Witness& witness, Duration deadline) {
  bool rests = false;
  witness.call(Call::stop, {}, [&] { rests = engine_->stop(deadline); });
  if (!rests) return false;
  workflows_.bodies().none_from_now_on();
  if (!workflows_.bodies().none_runs()) fail("a body runs in an engine that has come to rest");
  return true;
}

void Life::destroy(Witness& witness) {
  {
    std::unique_lock lock{mutex_};
    closed_ = true;
    changed_.wait(lock, [&] { return visitors_ == 0; });
  }
  witness.call(Call::destroy, {}, [&] { engine_.reset(); });
  workflows_.bodies().none_from_now_on();
  if (!workflows_.bodies().none_runs()) fail("a body runs and its engine is gone");
}

void Life::note_completion() {
  if (--promised_ > 0) return;
  const std::lock_guard lock{mutex_};
  changed_.notify_all();
}

void Life::await_completions(Witness& witness) {
  witness.call(Call::completions, {}, [&] {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return promised_ == 0; });
  });
}

}  // namespace cairn::testing
