#pragma once

#include <cairn/instance_detail.hpp>

#include <string>

namespace cairn::api {

/// Appends all that is recorded of an instance, in the shape of Cloudflare's detail; its steps in the order
/// in which they stand. Without steps only their number is told.
void append_instance(std::string& out, const InstanceDetail& instance, bool with_steps);

}  // namespace cairn::api
