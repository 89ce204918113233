#pragma once

#include <cairn/codec.hpp>
#include <cairn/time.hpp>

#include <string>

namespace cairn {

/// A message that an instance has received: what `Context::wait_for_event` gives.
struct Event {
  std::string type;
  json payload;
  Time timestamp = {};  ///< when the engine accepted it
};

/// `{"type", "payload", "timestamp"}`, the timestamp in ISO 8601: how a received event is recorded and shown.
void to_json(json& out, const Event& event);
void from_json(const json& in, Event& event);

}  // namespace cairn
