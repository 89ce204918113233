#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

namespace cairn {

/// What a body may know of the attempt that it is. Valid until the body returns; used from the body's own
/// threads.
class StepContext {
 public:
  StepContext(int attempt, std::string name, std::string idempotency_key, std::stop_token stop)
      : attempt_(attempt),
        name_(std::move(name)),
        idempotency_key_(std::move(idempotency_key)),
        stop_(std::move(stop)) {}

  /// 1 for the first attempt, one more for each that follows, also after a crash.
  [[nodiscard]] int attempt() const noexcept { return attempt_; }

  /// The step's name with its counter, such as `charge card-1`.
  [[nodiscard]] std::string_view name() const noexcept { return name_; }

  /// The same text for all attempts of this step in this run, and never shared with any other step, run or
  /// instance, also not with a later one of the same id. Hand it to services that take a key against double
  /// execution.
  [[nodiscard]] const std::string& idempotency_key() const noexcept { return idempotency_key_; }

  /// Requested when the attempt has passed its timeout, the instance was terminated or restarted, or the
  /// engine stops. The engine waits for the body to return either way. What a body throws because its engine
  /// stops is no failure: it runs again at the next start.
  [[nodiscard]] const std::stop_token& stop_token() const noexcept { return stop_; }

 private:
  int attempt_;
  std::string name_;
  std::string idempotency_key_;
  std::stop_token stop_;
};

}  // namespace cairn
