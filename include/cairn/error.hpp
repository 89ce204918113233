#pragma once

#include <cairn/status.hpp>

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// What went wrong, as a number that a program can branch on.
///
/// Numbers from 10000 on are those of Cloudflare's Workflows API, and travel in its error envelope unchanged;
/// those from 20000 on are cairn's own. They are part of the public contract: never renumbered.
enum class Errc : int {
  internal = 10001,          ///< a fault inside cairn; nothing was changed
  invalid_argument = 10002,  ///< a value breaks a rule; the message names field and rule; nothing was changed
  workflow_not_found = 10200,       ///< no workflow of that name
  instance_not_found = 10400,       ///< no instance of that id, or it has expired
  cannot_terminate = 10401,         ///< the instance has already ended
  cannot_pause = 10402,             ///< the instance has already ended
  cannot_resume = 10403,            ///< the instance has already ended
  cannot_restart = 10404,           ///< not in use: an instance can be restarted in every status
  instance_already_exists = 10405,  ///< the id is taken by an instance that is still retained
  cannot_send_event = 10406,        ///< the instance has ended and takes no more events
  duplicate_in_batch = 10415,       ///< the id stands earlier in the same batch
  too_large = 20001,                ///< a value is above its size limit; nothing was changed
  wrong_thread = 20002,             ///< a blocking call from workflow code outside a step; or a step that is
                                    ///< begun anywhere but in workflow code
  engine_stopped = 20003,           ///< the engine has been stopped and takes no more calls
  store_failed = 20004,             ///< the store could not write or read; what was asked did not happen
  outcome_unknown = 20005,  ///< the commit failed and its outcome could not be read back; retry with the same
                            ///< ids: `UnknownOutcome` has those of a creation
  not_a_cairn_file = 20006,   ///< the file is something else, or damaged
  file_is_newer = 20007,      ///< the file was written by a newer cairn; it was left untouched
  file_is_read_only = 20008,  ///< the file or its folder cannot be written, or not even be read
  file_is_owned = 20009,  ///< another engine owns the file, or the store of any kind, or has taken it over;
                          ///< of a file the message names its process
  timed_out = 20010,      ///< `wait_for` reached its deadline before the instance ended
  workflow_conflict = 20011,  ///< a workflow of that name is already defined in this engine
  clock_unconfirmed = 20012,  ///< the wall clock leapt; sweeping waits for `Engine::confirm_clock`
  cancelled = 20013,          ///< a body that waits for an instance was asked to stop
};

/// The name of an error code, such as `instance_not_found`.
[[nodiscard]] std::string_view to_string(Errc code) noexcept;

/// The longest name or message of an error, in bytes of UTF-8.
inline constexpr std::size_t error_text_max = 4096;

/// A text made fit to be the name or the message of an error, as it is recorded and told: valid UTF-8, and at
/// most `error_text_max` bytes, whatever it was.
///
/// Each byte that is no UTF-8 becomes U+FFFD, the replacement character. A longer text is cut between two
/// characters, and ` [truncated]` stands behind it. All errors below make their texts so.
[[nodiscard]] std::string error_text(std::string text);

/// Any failure that cairn reports to its caller. Safe to copy and to throw across threads.
class Error : public std::runtime_error {
 public:
  Error(Errc code, const std::string& message);
  [[nodiscard]] Errc code() const noexcept { return code_; }

 private:
  Errc code_;
};

/// `outcome_unknown` of `create` or `create_batch`. To ask again with its ids creates nothing twice.
class UnknownOutcome : public Error {
 public:
  UnknownOutcome(const std::string& message, std::vector<std::string> ids);
  /// Of all entries in their order, those that were generated as well.
  [[nodiscard]] const std::vector<std::string>& ids() const noexcept { return *ids_; }

 private:
  std::shared_ptr<const std::vector<std::string>> ids_;  // so that a copy needs no memory
};

/// Name and message of an error as it is recorded: all that survives of an exception in the store. What is
/// read from a store is fit, as by `error_text`; so is what is written (`RecordedError`).
struct ErrorRecord {
  std::string name = "Error";
  std::string message = {};
  bool operator==(const ErrorRecord&) const = default;
};

/// An error on its way into a store: its texts are fit, as by `error_text`, whatever it was made of.
class RecordedError {
 public:
  // Who records an error need not think of it. NOLINTNEXTLINE(google-explicit-constructor)
  RecordedError(ErrorRecord error);

  [[nodiscard]] const std::string& name() const noexcept { return record_.name; }
  [[nodiscard]] const std::string& message() const noexcept { return record_.message; }
  [[nodiscard]] const ErrorRecord& record() const noexcept { return record_; }
  // NOLINTNEXTLINE(google-explicit-constructor)
  operator const ErrorRecord&() const noexcept { return record_; }
  bool operator==(const RecordedError&) const = default;

 private:
  ErrorRecord record_;
};

/// Thrown by `Instance::wait` when the instance ended `errored` or `terminated`. `what()` is the recorded
/// message.
class InstanceError : public std::runtime_error {
 public:
  InstanceError(Status status, ErrorRecord error);
  [[nodiscard]] Status status() const noexcept { return status_; }
  [[nodiscard]] const std::string& name() const noexcept { return error_.name; }

 private:
  Status status_;
  ErrorRecord error_;
};

/// Thrown out of `co_await ctx.step(…)` when the step has failed for good. `what()` is the message of its
/// last error.
class StepError : public std::runtime_error {
 public:
  explicit StepError(ErrorRecord error);
  /// The recorded name of the error: `Error` for a C++ exception, or one of cairn's own names.
  [[nodiscard]] const std::string& name() const noexcept { return error_.name; }
  [[nodiscard]] const ErrorRecord& record() const noexcept { return error_; }

 private:
  ErrorRecord error_;
};

/// The step's last attempt, or the wait for an event, passed its timeout. Recorded as `WorkflowTimeoutError`.
class TimeoutError : public StepError {
 public:
  using StepError::StepError;
};

/// Throw it from a body to end the step at once, without further attempts; or from workflow code to end the
/// instance.
class NonRetryableError : public std::runtime_error {
 public:
  explicit NonRetryableError(const std::string& message, std::string name = "NonRetryableError");
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  std::string name_;
};

}  // namespace cairn
