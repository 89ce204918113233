#include "api/handlers/generated_ids.hpp"

#include "api/requests/envelope.hpp"
#include "api/requests/failure.hpp"

#include <cairn/error.hpp>
#include <cairn/id.hpp>

#include <cstdint>
#include <utility>

namespace cairn::api {

std::vector<GeneratedId> generate_ids(const EngineOptions& options,
                                      std::span<NewInstance<JsonText>> instances) {
  std::vector<GeneratedId> generated;
  const Time now = options.clock->now();
  for (std::size_t index = 0; index < instances.size(); ++index) {
    if (!instances[index].id.empty()) continue;
    // 4,096 ids to a millisecond, then the next one: within a batch generated ids always rise.
    const Time time = saturating_add(now, Duration{static_cast<std::int64_t>(index >> 12)});
    instances[index].id = make_uuid_v7(time, static_cast<std::uint16_t>(index & 0xfff),
                                       options.random->bytes());
    generated.push_back({index, instances[index].id});
  }
  return generated;
}

Response outcome_unknown(const std::vector<GeneratedId>& generated) {
  std::vector<std::string> messages;
  messages.reserve(generated.size());
  for (const GeneratedId& entry : generated) {
    messages.push_back("[" + std::to_string(entry.index) + "].instance_id: " + entry.id);
  }
  Response response = failure(
      500, static_cast<int>(Errc::outcome_unknown),
      "workflows.api.error.outcome_unknown: the commit failed, and whether the instances were created "
      "is not known; asking again with the same ids creates nothing twice, messages lists those that "
      "the server chose",
      messages);
  response.headers.push_back({"x-should-retry", "false"});
  return response;
}

}  // namespace cairn::api
