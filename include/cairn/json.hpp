#pragma once

#include <nlohmann/json_fwd.hpp>

namespace cairn {

/// Every value that crosses the store is JSON text. `<cairn/codec.hpp>` brings the whole of nlohmann/json.
using json = nlohmann::json;

}  // namespace cairn
