#include "tests/simulation/sleeps.hpp"

#include "engine/conductor/clock_leaps.hpp"

namespace cairn::testing {

// Pauses make a sleep longer, and nothing makes it shorter.
void Sleeps::follow(const Advance& advance, const Advanced& advanced, Moment moment) {
  if (!advanced.found) return;
  for (const StepResult& result : advance.results) {
    const auto sleep = sleeps_.find({advance.key, advance.run, result.started_seq});
    if (sleep == sleeps_.end() || !result.ended_seq) continue;
    check(sleep->first, sleep->second, moment);
    sleeps_.erase(sleep);
  }
  if (!advanced.continued) return;
  for (const StepStart& start : advance.starts) {
    if (start.kind != StepKind::sleep || start.due_fixed) continue;
    const Id id{advance.key, advance.run, start.started_seq};
    // It began when it was asked for, which may be a turn before it is written.
    const Duration ago = moment.now - start.at;
    if (ago != Duration{0} && moment.leaps != leaps_before_) continue;  // the clock was set meanwhile
    Moment begin = moment;
    begin.now -= ago;
    begin.uptime -= ago;
    // Its due time is less the paused time, which makes the length that is seen here no longer than it is.
    sleeps_.insert_or_assign(id, Sleep{.length = start.due.value() - start.at, .begin = begin});
  }
}

void Sleeps::check(const Id& id, const Sleep& sleep, const Moment& end) const {
  const Moment& begin = sleep.begin;
  const bool same_life = begin.life == end.life;
  if (!same_life && begin.leaps != end.leaps) return;
  const Duration slept = same_life ? end.uptime - begin.uptime : end.now - begin.now;
  // Small steps of the clock are followed; two large ones may be such a step in all before anybody looks.
  const Duration followed = end.corrected - begin.corrected +
                            engine::leap_min * static_cast<int>((end.leaps - begin.leaps) / 2);
  findings_.require(slept + followed >= sleep.length, "V15: sleep ", std::get<2>(id), " of ", std::get<0>(id),
                    " took ", slept.count(), " ms instead of ", sleep.length.count());
}

}  // namespace cairn::testing
