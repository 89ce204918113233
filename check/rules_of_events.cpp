#include "check/rule.hpp"

namespace cairn::check {
namespace {

constexpr Rule events[] = {
    {"buffered", "an instance counts its events right",
     R"(SELECT key, 'counts ' || buffered || iif(buffered = 1, ' event', ' events') || ', and has '
            || (SELECT count(*) FROM event WHERE event.instance = key)
        FROM instance WHERE buffered <> (SELECT count(*) FROM event WHERE event.instance = key))"},
    {"payloads", "what an event brings is JSON",
     R"(SELECT instance, 'has event ' || event || ' with a payload that is no JSON' FROM event
        WHERE NOT is_json(payload))"},
    // The clock may have been set since the event came: what is due by now will do as well.
    {"delivered", "an event that is waited for wakes its instance",
     R"(SELECT key, 'waits for ' || quote(type) || ', has such an event, and is not woken'
        FROM event JOIN owner JOIN instance ON instance.key = event.instance
        JOIN step ON step.id BETWEEN key << 24 AND (key << 24) + 16777215
        WHERE status = 7 AND kind = 2 AND ended_seq IS NULL AND event_type = type
        GROUP BY key, type
        HAVING wake_at IS NULL
          OR )" CAIRN_CHECK_WOKEN R"( > max(max(received), last_time))"},
};

}  // namespace

std::span<const Rule> rules_of_events() {
  return events;
}

}  // namespace cairn::check
