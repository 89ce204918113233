#pragma once

#include <cairn/batch.hpp>
#include <cairn/codec.hpp>
#include <cairn/workflow.hpp>

#include <string_view>

namespace cairn::api {

/// Takes one instance to create out of an object of the wire: `instance_id`, `params`, `instance_retention`,
/// `location_hint`. Its params fit the workflow's input, and are the bytes of the object's `text`. Throws
/// `Error` (`invalid_argument`) that begins with the field.
NewInstance<JsonText> take_new_instance(json& object, std::string_view text,
                                        const Workflow<json, json>& workflow);

}  // namespace cairn::api
