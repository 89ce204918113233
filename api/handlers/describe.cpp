#include "api/handlers/handlers.hpp"
#include "api/requests/envelope.hpp"
#include "api/requests/failure.hpp"
#include "api/requests/instance_text.hpp"
#include "api/requests/query.hpp"
#include "api/requests/text.hpp"

#include <cairn/detail/counted.hpp>
#include <cairn/engine.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

namespace cairn::api {
namespace {

// As at Cloudflare, who count UTF-16 code units where this counts code points.
constexpr std::size_t shown_output_characters = 1'024;

// Of what a record takes: itself, and its answer while that grows.
constexpr std::size_t record_copies = 4;
constexpr std::size_t record_bytes_at_first = std::size_t{1280} << 10;  // with a value of 1 MiB
constexpr std::size_t record_growth = 4;
// Nearly every record is shorter; so much is not counted, and can be read also when there is no room.
constexpr std::size_t small_record_bytes = Share::uncounted_bytes / record_copies;

bool is_too_large(const Error& error) noexcept {
  return error.code() == Errc::too_large;
}

// How large a record is, nobody knows before it has been read: room for it is made in steps, and what does
// not fit is read again.
InstanceText read_record(const Backend& backend, const Instance<json>& instance, DescribeOptions options) {
  const bool is_roomy = backend.room.try_make(record_copies * record_bytes_at_first);
  options.bytes_max = is_roomy ? record_bytes_at_first : small_record_bytes;
  for (;;) {
    try {
      return instance.describe_text(options);
    } catch (const Error& error) {
      if (!is_too_large(error)) throw;
    }
    const std::size_t most = backend.room.bytes_max() / record_copies;
    const bool was_the_most = options.bytes_max >= most;
    options.bytes_max *= record_growth;
    if (!was_the_most) options.bytes_max = std::min(options.bytes_max, most);
    backend.room.make(record_copies * options.bytes_max, "the record of the instance");
  }
}

std::string_view required(const Query& query, std::string_view name) {
  const std::optional<std::string_view> text = query.text(name);
  if (!text || text->empty()) refuse_invalid(std::string{name} + ": is required in the query");
  return *text;
}

StepKind read_kind(const Query& query) {
  const std::string_view type = required(query, "type");
  for (const StepKind kind : {StepKind::step, StepKind::wait_for_event}) {
    if (type == to_string(kind)) return kind;
  }
  refuse_invalid("type: must be step or waitForEvent, is " + excerpt(type));
}

Response not_found(const std::string& detail) {
  return refusal(404, "step.not_found", detail);
}

}  // namespace

Response describe_instance(const Backend& backend, const Call& call) {
  const Query query{call.query, {"simple", "order"}};
  const bool simple = query.choice("simple", "true", "false");
  const bool newest_first = query.choice("order", "desc", "asc");
  InstanceText instance = read_record(backend, find_instance(backend, call),
                                      {.steps = !simple, .output_characters = shown_output_characters});
  if (newest_first) std::ranges::reverse(instance.steps);
  Envelope envelope{instance_bytes(instance)};
  append_instance(envelope.out(), instance);
  return std::move(envelope).finish();
}

Response describe_step(const Backend& backend, const Call& call) {
  const Query query{call.query, {"name", "type", "attempt"}};
  const std::string name{required(query, "name")};
  const StepKind kind = read_kind(query);
  constexpr std::size_t attempt_max = std::numeric_limits<std::int32_t>::max();
  const std::size_t attempt = query.number("attempt", 0, 1, attempt_max);
  if (attempt > 0 && kind != StepKind::step)
    refuse_invalid("attempt: only a step of the type step has attempts");
  const InstanceText instance = read_record(backend, find_instance(backend, call),
                                            {.step = name, .step_kind = kind});
  if (instance.steps.empty())
    return not_found("the run has no " + std::string{to_string(kind)} + " " + excerpt(name));
  const StepText& step = instance.steps.front();
  if (attempt > step.attempts.size()) {
    return not_found("attempt: the step " + excerpt(name) + " has had " +
                     detail::counted(step.attempts.size(), "attempt") + ", not " + std::to_string(attempt));
  }
  Envelope envelope{step_bytes(step)};
  append_outcome(envelope.out(), step, attempt);
  return std::move(envelope).finish();
}

}  // namespace cairn::api
