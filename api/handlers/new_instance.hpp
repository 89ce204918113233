#pragma once

#include <cairn/batch.hpp>
#include <cairn/codec.hpp>

#include <cstddef>
#include <string_view>

namespace cairn::api {

/// Reads a body that must not be missing. `envelope_depth`: how many levels stand around the values of users,
/// whose own depth is limited by `depth_max`. Throws `Error` (`invalid_argument`).
json read_body(std::string_view body, std::size_t depth_max, std::size_t envelope_depth);

/// Takes one instance to create out of an object of the wire: `instance_id`, `params`, `instance_retention`,
/// `location_hint`. Throws `Error` (`invalid_argument`) that begins with the field.
NewInstance<json> take_new_instance(json& object);

}  // namespace cairn::api
