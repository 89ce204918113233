#include "tests/stress/director.hpp"

#include "tests/stress/closing.hpp"
#include "tests/stress/engine_calls.hpp"

#include <poll.h>

#include <algorithm>
#include <string>

namespace cairn::testing {

namespace {

using namespace std::chrono_literals;

void log(LogLevel level, std::string_view line) {
  const std::string moody = "workflow \"" + std::string{moody_workflow} + '"';
  const bool is_asked_for = line.starts_with("parked ") && line.find(moody) != line.npos;
  if (level == LogLevel::error && !is_asked_for) fail("the engine has logged an error: " + std::string{line});
}

}  // namespace

Director::Director(const Plan& plan, Slot& slot, Lives& lives, Meeting& meeting, Completions& completions)
    : plan_{plan},
      end_{Clock::now() + plan.time},
      lives_{lives},
      meeting_{meeting},
      completions_{completions},
      witness_{slot, "the director"},
      dice_{plan.seed * 1'000 + 999} {}

void Director::run() {
  const Clock::duration long_life = std::clamp<Clock::duration>(plan_.time / 2, 200ms, 8s);
  while (Clock::now() < end_) {
    Place place{plan_.store == "sqlite" ? plan_.folder : std::filesystem::path{}, ++round_number_};
    const auto shared = std::make_shared<SharedInstances>(round_number_);
    begin(place, shared);
    last_for(long_life);
    end_abruptly();
    begin(place, shared);
    last_for(dice_.span(200ms));
    meeting_.have_read(life_number_);
    end_abruptly();
    begin(place, shared);
    last_for(dice_.span(200ms));
    end_in_order();
    std::string findings;
    witness_.call(Call::check, {}, [&] { findings = place.findings(); });
    if (!findings.empty()) witness_.report(Call::check, findings);
  }
}

// Often the threads call before it runs.
void Director::begin(Place& place, const std::shared_ptr<SharedInstances>& shared) {
  witness_.call(Call::open, {}, [&] {
    life_ = std::make_shared<Life>(++life_number_, shared, place.open(dice_), options());
  });
  const bool early = dice_.one_in(2);
  if (early) {
    lives_.set(life_);
    meeting_.go_on();
  }
  life_->start(witness_);
  if (early) return;
  lives_.set(life_);
  meeting_.go_on();
}

void Director::last_for(Clock::duration time) const {
  const auto until = std::min(end_, Clock::now() + time);
  for (auto now = Clock::now(); now < until; now = Clock::now()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now);
    ::poll(nullptr, 0, static_cast<int>(left.count()));
  }
}

void Director::end_abruptly() {
  life_->visit([&](const Engine& engine) { expect_sound(witness_, engine); });
  life_->begin_end();
  static constexpr Duration deadlines[] = {0ms, 1ms, 1s};
  if (dice_.one_in(2)) life_->stop(witness_, dice_.any_of(deadlines));
  destroy();
}

void Director::end_in_order() {
  meeting_.have_and_hold(Move::finish);
  Turn turn{witness_, dice_, completions_, life_};
  bring_everything_to_its_end(turn);
  life_->begin_end();
  if (!life_->stop(witness_, 1min)) witness_.report(Call::stop, "bodies still run after a minute");
  destroy();
}

// Handlers that wait for the end of an instance are told that there will be none.
void Director::destroy() {
  life_->destroy(witness_);
  lives_.set(nullptr);
  life_->await_completions(witness_);
}

// Half of all engines have nothing to do by themselves: no sweep, no eviction makes good for them what a
// caller has left undone.
EngineOptions Director::options() {
  static constexpr std::size_t workers[] = {1, 2, 4, 8};
  EngineOptions options;
  options.workers = dice_.any_of(workers);
  options.log = log;
  if (dice_.one_in(2)) {
    options.sweep_interval = 1h;
    options.resident = 100'000;
    options.evict_after = 1h;
    return options;
  }
  static constexpr Duration sweep_intervals[] = {0ms, 1ms, 20ms, 1h};
  static constexpr std::size_t residents[] = {0, 8, 1'000};
  static constexpr Duration evictions[] = {0ms, 1ms, 10s};
  // Parents hold slots while they wait for their children: each caller has one, and some are shared.
  const std::size_t slots[] = {2 * plan_.threads + SharedInstances::size, 1'000};
  options.sweep_interval = dice_.any_of(sweep_intervals);
  options.resident = dice_.any_of(residents);
  options.evict_after = dice_.any_of(evictions);
  options.concurrency = dice_.any_of(slots);
  return options;
}

}  // namespace cairn::testing
