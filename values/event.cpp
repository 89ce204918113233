#include <cairn/error.hpp>
#include <cairn/event.hpp>

namespace cairn {

void to_json(json& out, const Event& event) {
  out = json{{"type", event.type}, {"payload", event.payload}, {"timestamp", to_iso8601(event.timestamp)}};
}

void from_json(const json& in, Event& event) {
  in.at("type").get_to(event.type);
  event.payload = in.at("payload");
  const std::optional<Time> timestamp = parse_iso8601(in.at("timestamp").get_ref<const std::string&>());
  if (!timestamp) throw Error{Errc::invalid_argument, "timestamp: must be ISO 8601"};
  event.timestamp = *timestamp;
}

}  // namespace cairn
