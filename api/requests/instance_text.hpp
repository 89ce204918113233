#pragma once

#include <cairn/instance_detail.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace cairn::api {

/// Appends all that was read of an instance, in the shape of Cloudflare's detail; its steps in the order in
/// which they stand.
void append_instance(std::string& out, const InstanceText& instance);

/// Appends what became of a step, or of one of its attempts (from 1; 0: of the step): its status, its error,
/// and its output, whole. The attempt must have been made.
void append_outcome(std::string& out, const StepText& step, std::size_t attempt);

/// Appends name and message; `null` for none.
void append_error(std::string& out, const std::optional<ErrorRecord>& error);

/// How long what is appended will be, about.
std::size_t instance_bytes(const InstanceText& instance);
std::size_t step_bytes(const StepText& step);

}  // namespace cairn::api
