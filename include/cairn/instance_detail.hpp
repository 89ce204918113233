#pragma once

#include <cairn/codec.hpp>
#include <cairn/status.hpp>
#include <cairn/step.hpp>
#include <cairn/time.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// One line of a listing.
struct InstanceSummary {
  std::string id = {};
  Status status = Status::queued;
  std::string version_id = {};
  std::string workflow_id = {};
  Time created = {};
  Time modified = {};  ///< last change of status, or event, or (to a second) progress of a step
  std::optional<Time> started = std::nullopt;
  std::optional<Time> ended = std::nullopt;
  std::optional<Time> expires = std::nullopt;  ///< when retention lets it be swept
};

/// Which instances to list.
struct ListFilter {
  std::optional<Status> status = std::nullopt;
  std::optional<Time> created_from = std::nullopt;  ///< at or after
  std::optional<Time> created_to = std::nullopt;    ///< at or before
  std::string cursor = {};  ///< `Page::cursor` of the page before; empty: the first page
  bool newest_first = true;
  std::size_t limit = 25;  ///< 1 to 1,000
};

struct Page {
  std::vector<InstanceSummary> instances = {};
  std::string cursor = {};  ///< opaque; empty when this was the last page
};

/// One step as recorded.
struct StepDetail {
  StepKind kind = StepKind::step;
  std::string name = {};  ///< with its counter, such as `charge card-1`
  Time started = {};
  std::optional<Time> ended = std::nullopt;
  std::optional<bool> success = std::nullopt;  ///< nothing: not ended
  std::optional<json> output = std::nullopt;   ///< when it succeeded; a received event: `{type, payload,
                                               ///< timestamp}`
  std::optional<ErrorRecord> error = std::nullopt;
  std::vector<Attempt> attempts = {};         ///< of kind `step`, the current one included
  std::optional<json> config = std::nullopt;  ///< of kind `step`: retries and timeout as they count
  std::optional<Time> due = std::nullopt;     ///< end of a sleep, timeout of a wait, or the time of the next
                                              ///< attempt
  std::string event_type = {};                ///< of kind `wait_for_event`
};

/// All that is recorded of one instance.
struct InstanceDetail : InstanceSummary {
  int run = 1;
  std::string workflow = {};  ///< its name
  std::string version = {};   ///< the tag
  json params = {};
  std::optional<json> output = std::nullopt;
  std::optional<ErrorRecord> error = std::nullopt;
  std::vector<StepDetail> steps = {};  ///< in the order of their start
  std::size_t buffered_events = 0;     ///< received and not yet waited for
};

}  // namespace cairn
