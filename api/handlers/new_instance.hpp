#pragma once

#include <cairn/batch.hpp>
#include <cairn/codec.hpp>
#include <cairn/workflow.hpp>

namespace cairn::api {

/// Takes one instance to create out of an object of the wire: `instance_id`, `params`, `instance_retention`,
/// `location_hint`. Its params fit the workflow's input. Throws `Error` (`invalid_argument`) that begins with
/// the field.
NewInstance<JsonText> take_new_instance(json& object, const Workflow<json, json>& workflow);

}  // namespace cairn::api
