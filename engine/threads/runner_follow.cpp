#include "engine/threads/runner.hpp"

#include <cairn/detail/caught.hpp>
#include <cairn/detail/counted.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <utility>
#include <vector>

// What follows a turn: bodies begin, and the host is told.
namespace cairn::engine {

namespace {

constexpr std::size_t waiting_max = 1'000;  // errands

}  // namespace

// First what others wait for, then what may keep this thread.
void Runner::perform(Actions actions, bool returning) noexcept {
  returning = returning && actions.stops.empty() && actions.notifications.empty() &&
              actions.answered.empty() && actions.log.empty();
  run_bodies(std::move(actions.bodies), returning);
  if (actions.called_off > 0) pool_.drop_unwanted();
  actions.granted.clear();
  actions.answered.clear();
  for (Notify& notify : actions.notifications) tell(notify.callback, notify.error, std::move(notify.ended));
  tell_fault(actions);
  for (std::stop_source& stop : actions.stops) stop.request_stop();
  for (const LogLine& line : actions.log) log(line.level, line.text);
}

// Of the timer thread, which must be back in time: what may keep it are a log sink, and what of a host hears
// that a body is to stop. The rest wakes threads.
void Runner::hand_over(Actions actions) noexcept {
  Actions stops;
  stops.stops = std::exchange(actions.stops, {});
  std::vector<LogLine> lines = std::exchange(actions.log, {});
  perform(std::move(actions), false);
  if (!stops.stops.empty()) leave_to(stops_, std::move(stops));
  if (!lines.empty()) hand_over_lines(std::move(lines));
}

// Behind a log sink that does not return they would fill the memory.
void Runner::hand_over_lines(std::vector<LogLine> lines) noexcept {
  if (lines_.waiting() >= waiting_max) {
    lines_left_out_ += lines.size();
    return;
  }
  Actions of_host;
  of_host.log = std::move(lines);
  try {
    if (lines_left_out_ > 0) of_host.log.insert(of_host.log.begin(), line_of_left_out());
    lines_left_out_ = 0;
  } catch (const std::bad_alloc&) {
    // It is said with the next ones.
  }
  leave_to(lines_, std::move(of_host));
}

LogLine Runner::line_of_left_out() const {
  return {LogLevel::warning, detail::counted(lines_left_out_, "line was", "lines were") +
                                 " left out before this, since the log did not take what came before"};
}

void Runner::leave_to(Messenger& messenger, Actions of_host) noexcept {
  std::shared_ptr<Actions> kept;
  try {
    kept = std::make_shared<Actions>(std::move(of_host));
    rested_.note_telling();
    messenger.give([this, kept] { perform(std::move(*kept), false); });
    const std::lock_guard lock{mutex_};
    if (watching_ > 0) rested_.tell_all();  // who rests may be the messenger
    return;
  } catch (const std::bad_alloc&) {
    // Then it calls the host itself, and others look after what nobody waits for meanwhile.
  }
  {
    std::unique_lock lock{mutex_};
    keeper_away_ = true;
    keep_nothing_left(lock);  // whoever brought it has counted on this thread
  }
  perform(std::move(kept ? *kept : of_host), false);
  const std::lock_guard lock{mutex_};
  keeper_away_ = false;
}

void Runner::tell(const detail::EndedCallback& callback, const std::exception_ptr& error,
                  detail::Ended ended) const noexcept {
  detail::contain([&] { callback(error, std::move(ended)); },
                  [&] {
                    log(LogLevel::error, "a completion handler threw, and was ignored: ",
                        detail::what_of_current_exception().c_str());
                  });
}

void Runner::tell_fault(Actions& actions) const noexcept {
  for (auto& [key, watch] : actions.watchers) {
    if (watch.callback) tell(watch.callback, fault_error_, {});
  }
  for (const std::vector<Input>* unheard : {&actions.unheard, &actions.unheard_meanwhile}) {
    for (const Input& input : *unheard) {
      const auto* watch = std::get_if<Watch>(&input);
      if (watch != nullptr && watch->callback) tell(watch->callback, fault_error_, {});
    }
  }
}

// A body for which there is no memory has failed, as one that finds none itself.
void Runner::run_bodies(std::vector<RunBody> bodies, bool returning) noexcept {
  if (bodies.empty()) return;
  BodyHost& host = *this;
  std::vector<std::shared_ptr<BodyExecution>> executions;
  try {
    executions.reserve(bodies.size());
    for (RunBody& body : bodies)
      executions.push_back(std::make_shared<BodyExecution>(std::move(body), host, door_));
    run(executions, returning);
  } catch (...) {
    const detail::BodyResult failed = detail::result_of_current_exception();
    for (const auto& execution : executions) execution->fail(failed);
    for (const RunBody& body : std::span{bodies}.subspan(executions.size())) {
      if (body.launch->begin(time())) post(done(body, failed));
    }
  }
}

// Those that need no worker do not wait for one.
void Runner::run(const std::vector<std::shared_ptr<BodyExecution>>& executions, bool returning) {
  StepPool::Jobs jobs;
  jobs.reserve(executions.size());
  for (const auto& execution : executions) {
    if (execution->needs_worker()) jobs.push_back(execution);
  }
  if (!jobs.empty()) pool_.submit(std::move(jobs), returning);
  for (const auto& execution : executions) {
    if (!execution->needs_worker()) execution->run();
  }
}

}  // namespace cairn::engine
