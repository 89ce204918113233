#include "check/rule.hpp"

namespace cairn::check {
namespace {

constexpr Rule events[] = {
    {"buffered", "an instance counts its events right",
     R"(SELECT key, 'counts ' || buffered || ' events, and has '
            || (SELECT count(*) FROM event WHERE event.instance = key)
        FROM instance WHERE buffered <> (SELECT count(*) FROM event WHERE event.instance = key))"},
    {"payloads", "what an event brings is JSON",
     R"(SELECT instance, 'has event ' || event || ' with a payload that is no JSON' FROM event
        WHERE NOT is_json(payload))"},
    {"delivered", "an event that is waited for wakes its instance",
     R"(SELECT key, 'waits for ' || quote(type) || ', has such an event, and is not woken'
        FROM event JOIN instance ON instance.key = event.instance
        JOIN step ON step.id BETWEEN key << 24 AND (key << 24) + 16777215
        WHERE status = 7 AND kind = 2 AND ended_seq IS NULL AND event_type = type
        GROUP BY key, type HAVING wake_at IS NULL OR wake_at > max(received))"},
};

}  // namespace

std::span<const Rule> rules_of_events() {
  return events;
}

}  // namespace cairn::check
