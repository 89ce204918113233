#pragma once

#include "api/requests/message.hpp"

#include <cairn/batch.hpp>
#include <cairn/engine.hpp>
#include <cairn/json_text.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace cairn::api {

/// An id that the caller left to the server, and the entry it was made for.
struct GeneratedId {
  std::size_t index = 0;
  std::string id;
};

/// Gives an id to every instance that has none. That is done here and not by the engine, so that the ids are
/// known when the outcome of the commit is not: the caller can then ask again for the same instances.
std::vector<GeneratedId> generate_ids(const EngineOptions& options,
                                      std::span<NewInstance<JsonText>> instances);

/// The answer to `Errc::outcome_unknown`: its `messages` list the ids that were generated.
Response outcome_unknown(const std::vector<GeneratedId>& generated);

}  // namespace cairn::api
