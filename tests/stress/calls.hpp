#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cairn::testing {

/// What a thread of the stress program may be about.
enum class Call : std::uint8_t {
  open,     // of the store and the engine
  destroy,  // of the engine
  define,
  start,
  stop,
  create,
  create_text,
  create_batch,
  create_batch_text,
  get,
  find,
  list,
  status,
  describe,
  describe_text,
  wait,
  wait_for,
  async_wait,
  send_event,
  send_event_text,
  async_send_event,
  cancel,  // of an async_wait or an async_send_event
  pause,
  resume,
  terminate,
  restart,
  resume_parked,
  check_params,
  sweep,
  health,
  metrics,
  workflow,
  workflows,
  options,
  confirm_clock,
  completions,  // none of its own: handlers that were promised are awaited
  check,        // of the file
};

inline constexpr std::array<std::string_view, 37> call_names{"open",
                                                             "destroy",
                                                             "define",
                                                             "start",
                                                             "stop",
                                                             "create",
                                                             "create_text",
                                                             "create_batch",
                                                             "create_batch_text",
                                                             "get",
                                                             "find",
                                                             "list",
                                                             "status",
                                                             "describe",
                                                             "describe_text",
                                                             "wait",
                                                             "wait_for",
                                                             "async_wait",
                                                             "send_event",
                                                             "send_event_text",
                                                             "async_send_event",
                                                             "cancel",
                                                             "pause",
                                                             "resume",
                                                             "terminate",
                                                             "restart",
                                                             "resume_parked",
                                                             "check_params",
                                                             "sweep",
                                                             "health",
                                                             "metrics",
                                                             "workflow",
                                                             "workflows",
                                                             "options",
                                                             "confirm_clock",
                                                             "completions",
                                                             "check"};

[[nodiscard]] constexpr std::size_t index_of(Call call) noexcept {
  return static_cast<std::size_t>(call);
}
static_assert(call_names.size() == index_of(Call::check) + 1);

[[nodiscard]] constexpr std::string_view to_string(Call call) noexcept {
  return call_names[index_of(call)];
}

/// Reads a whole file, so that it may take its time. Everything else is short.
[[nodiscard]] constexpr bool takes_long(Call call) noexcept {
  return call == Call::check;
}

}  // namespace cairn::testing
