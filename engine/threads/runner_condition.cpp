#include "engine/threads/runner.hpp"

#include <cairn/detail/caught.hpp>

#include <chrono>
#include <new>
#include <string_view>
#include <utility>

// What the health is told of, and the store's house-keeping, which may fail without harm.
namespace cairn::engine {

namespace {

constexpr Duration tidying_pause = std::chrono::milliseconds{100};
constexpr Duration untidy_pause = std::chrono::minutes{1};  // before house-keeping that failed is tried again

// Without memory for the words, the log has them.
void note(std::optional<Outage>& outage, Time since, Errc code, std::string_view message) noexcept {
  outage = Outage{since, code, {}};
  try {
    outage->message = message;
  } catch (const std::bad_alloc&) {
    return;
  }
}

}  // namespace

void Runner::complain(std::optional<Outage>& outage, Errc code, const char* message) noexcept {
  const std::lock_guard lock{mutex_};
  note(outage, outage ? outage->since : clock_->now(), code, message);
}

// With the lock.
void Runner::note_outage() noexcept {
  const std::optional<Outage>& outage = conductor_.outage();
  if (outage) {
    note(condition_.store, outage->since, outage->code, outage->message);
  } else {
    condition_.store.reset();
  }
}

// With the lock. Without memory for it they are told behind the next turn.
void Runner::note_concerns() noexcept {
  try {
    if (std::optional<std::vector<Complaint>> concerns = conductor_.take_complaints())
      condition_.concerns = *std::move(concerns);
  } catch (const std::bad_alloc&) {
    return;
  }
}

// Of the turn that is about to begin: quiet, when it is the timer thread that takes it, to tidy up.
Demand Runner::demand() const {
  const bool rested = tidy_at_ && *tidy_at_ <= clock_->uptime();
  return rested && inbox_.empty() && !more_ ? Demand::quiet : Demand::busy;
}

// When there is more to do, if there is; by uptime. What has failed is tried again when all is quiet, also
// where nobody calls for days; turns meanwhile do not put that off.
std::optional<Duration> Runner::maintain(Demand demand, Actions& actions) noexcept {
  std::optional<Duration> again;
  const auto tidy = [&] {
    const bool more = !broken_ && committer_.maintain(demand);
    if (untidy_log_.awaits_success()) note_tidy(actions);
    untidy_until_.reset();
    if (more) again = clock_->uptime() + (demand == Demand::quiet ? Duration{0} : tidying_pause);
  };
  detail::contain(tidy, [&] {
    note_untidy(detail::what_of_current_exception().c_str(), actions);
    if (!untidy_until_ || demand == Demand::quiet) untidy_until_ = clock_->uptime() + untidy_pause;
    again = untidy_until_;
  });
  return again;
}

// The log is the host's, and may call the engine: it is told when this thread leads no more.
void Runner::note_untidy(const char* reason, Actions& actions) noexcept {
  complain(condition_.house_keeping, Errc::store_failed, reason);
  try {
    if (std::optional<std::string> line = untidy_log_.failed(OutageLog::Call::write, reason,
                                                             clock_->uptime()))
      actions.log.push_back({LogLevel::warning, *std::move(line)});
  } catch (const std::bad_alloc&) {
    return;  // its health says so
  }
}

void Runner::note_tidy(Actions& actions) noexcept {
  {
    const std::lock_guard lock{mutex_};
    condition_.house_keeping.reset();
  }
  try {
    if (std::optional<std::string> line = untidy_log_.worked(OutageLog::Call::write, clock_->uptime()))
      actions.log.push_back({LogLevel::info, *std::move(line)});
  } catch (const std::bad_alloc&) {
    return;  // its health says so
  }
}

}  // namespace cairn::engine
