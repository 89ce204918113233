#pragma once

#include <cairn/codec.hpp>
#include <cairn/json_text.hpp>
#include <cairn/status.hpp>
#include <cairn/step.hpp>
#include <cairn/time.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
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
  std::optional<Time> expires = std::nullopt;       ///< when retention lets it be swept
  std::optional<ErrorRecord> error = std::nullopt;  ///< that it has ended with; or that it is parked for,
                                                    ///< while `paused`
};

/// Which instances to list.
struct ListFilter {
  std::optional<Status> status = std::nullopt;
  std::optional<Time> created_from = std::nullopt;  ///< at or after
  std::optional<Time> created_to = std::nullopt;    ///< at or before
  std::string cursor = {};  ///< `Page::cursor` of the page before; empty: the first page
  bool newest_first = true;
  std::size_t limit = 25;  ///< 1 to 1,000
  bool errors = true;      ///< false: they are not read, and `InstanceSummary::error` is empty
};

struct Page {
  std::vector<InstanceSummary> instances = {};
  std::string cursor = {};  ///< opaque; empty when this was the last page
};

/// One step as recorded. `Value`: `json`, or `JsonText` for those who pass it on.
template <class Value>
struct BasicStepDetail {
  StepKind kind = StepKind::step;
  std::string name = {};  ///< with its counter, such as `charge card-1`
  Time started = {};
  std::optional<Time> ended = std::nullopt;
  std::optional<bool> success = std::nullopt;  ///< nothing: not ended
  std::optional<Value> output = std::nullopt;  ///< when it succeeded; a received event: `{type, payload,
                                               ///< timestamp}`
  bool output_cut = false;                     ///< see `DescribeOptions::output_characters`
  std::optional<ErrorRecord> error = std::nullopt;
  std::vector<Attempt> attempts = {};  ///< of kind `step`, the current one included
  bool waits_for_worker = false;       ///< of kind `step`: its next attempt begins when there is a worker
  std::optional<Value> config = std::nullopt;  ///< of kind `step`: retries and timeout as they count
  std::optional<Time> due = std::nullopt;      ///< end of a sleep, timeout of a wait, or the time of the next
                                               ///< attempt; of one that waits for a worker, since when
  std::string event_type = {};                 ///< of kind `wait_for_event`
  std::string warning = {};  ///< that its name may have been given another's record; empty: none
};

/// All that is recorded of one instance, or as much as `DescribeOptions` asks for.
template <class Value>
struct BasicInstanceDetail : InstanceSummary {
  int run = 1;
  std::string workflow = {};  ///< its name
  std::string version = {};   ///< the tag
  Value params = {};
  std::optional<Value> output = std::nullopt;
  std::vector<BasicStepDetail<Value>> steps = {};  ///< in the order of their start
  std::size_t step_count = 0;                      ///< also of those that were not asked for
  std::size_t buffered_events = 0;                 ///< received and not yet waited for
};

using StepDetail = BasicStepDetail<json>;
using InstanceDetail = BasicInstanceDetail<json>;
/// The same without trees: every value is its JSON text.
using StepText = BasicStepDetail<JsonText>;
using InstanceText = BasicInstanceDetail<JsonText>;

/// How much of an instance's record is read for a description: all, unless it says otherwise.
///
/// Trivially destructible, so that it may be written inside a `co_await` expression (GCC 12).
struct DescribeOptions {
  static constexpr std::size_t all = static_cast<std::size_t>(-1);

  bool steps = true;  ///< false: they are counted, and not read
  /// The name of a step, with its counter: that one alone is read, and of the instance neither params nor
  /// output. `steps` is empty when there is none. Empty: all steps.
  std::string_view step = {};
  StepKind step_kind = StepKind::step;  ///< of `step`, as a step and a wait may share a name
  /// JSON text of a step's output that has more Unicode code points is not read to its end. The output is
  /// then a string: the beginning of that text, so many code points, and ` [truncated output]`.
  std::size_t output_characters = all;
  /// Throws `too_large` as soon as what is read takes more memory than that, about.
  std::size_t bytes_max = all;
};

}  // namespace cairn
