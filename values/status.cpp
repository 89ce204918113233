#include <cairn/status.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace cairn {
namespace {

// By the number of the status.
constexpr std::array<std::string_view, 9> status_words{
    "queued",   "running",         "paused",  "errored",     "terminated",
    "complete", "waitingForPause", "waiting", "rollingBack",
};
static_assert(status_words.size() == static_cast<std::size_t>(Status::rolling_back) + 1);

constexpr bool no_move_is_listed_twice() {
  for (const Transition& row : transitions) {
    const auto same = [&row](const Transition& other) {
      return other.from == row.from && other.cause == row.cause;
    };
    if (std::count_if(transitions.begin(), transitions.end(), same) != 1) return false;
  }
  return true;
}
static_assert(no_move_is_listed_twice());

constexpr bool is_reserved(Status status) {
  return status == Status::rolling_back;
}

constexpr bool every_status_is_reachable() {
  std::array<bool, status_words.size()> reached{};
  reached[static_cast<std::size_t>(Status::queued)] = true;
  for (std::size_t round = 0; round < reached.size(); ++round) {
    for (const Transition& row : transitions) {
      if (reached[static_cast<std::size_t>(row.from)]) reached[static_cast<std::size_t>(row.to)] = true;
    }
  }
  for (std::size_t number = 0; number < reached.size(); ++number) {
    if (reached[number] == is_reserved(static_cast<Status>(number))) return false;
  }
  return true;
}
static_assert(every_status_is_reachable());

constexpr bool only_restart_leaves_the_end() {
  return std::all_of(transitions.begin(), transitions.end(), [](const Transition& row) {
    return !is_finished(row.from) || row.cause == Cause::restart;
  });
}
static_assert(only_restart_leaves_the_end());

constexpr bool restart_leads_from_everywhere_to_the_queue() {
  for (std::size_t number = 0; number < status_words.size(); ++number) {
    const auto status = static_cast<Status>(number);
    if (!is_reserved(status) && next(status, Cause::restart) != Status::queued) return false;
  }
  return true;
}
static_assert(restart_leads_from_everywhere_to_the_queue());

}  // namespace

std::string_view to_string(Status status) noexcept {
  const auto number = static_cast<std::size_t>(status);
  return number < status_words.size() ? status_words[number] : "unknown";
}

std::string_view to_string(Cause cause) noexcept {
  switch (cause) {
    case Cause::start:
      return "start";
    case Cause::wait:
      return "wait";
    case Cause::wake:
      return "wake";
    case Cause::requeue:
      return "requeue";
    case Cause::pause:
      return "pause";
    case Cause::pause_idle:
      return "pause_idle";
    case Cause::quiesce:
      return "quiesce";
    case Cause::resume:
      return "resume";
    case Cause::complete:
      return "complete";
    case Cause::fail:
      return "fail";
    case Cause::terminate:
      return "terminate";
    case Cause::park:
      return "park";
    case Cause::recover:
      return "recover";
    case Cause::restart:
      return "restart";
  }
  return "unknown";
}

std::optional<Status> parse_status(std::string_view word) noexcept {
  for (std::size_t number = 0; number < status_words.size(); ++number) {
    if (status_words[number] == word) return static_cast<Status>(number);
  }
  return std::nullopt;
}

}  // namespace cairn
