#pragma once

#include <cairn/batch.hpp>
#include <cairn/command.hpp>
#include <cairn/instance_detail.hpp>
#include <cairn/key.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the typed handles share: the engine without types. Not for users.
namespace cairn::detail {

struct Definition;
class BodyRun;

/// How an instance ended.
struct Ended {
  Status status = Status::complete;
  std::string output = {};  // JSON text
  ErrorRecord error = {};
};

/// One instance to create, its params encoded.
struct NewInstanceText {
  std::string id = {};
  std::string params = {};
  Retention retention = {};
};

/// Called once, from any thread: with the end, or with the `Error` that kept it from coming.
using EndedCallback = std::function<void(std::exception_ptr, Ended)>;

/// A wait for the end of an instance in which no thread stands. Told once: the end, the `Error` that kept it
/// from coming, or that it was cancelled. Begun by an awaitable body, it lends what that body holds, and has
/// it back before it is told. Thread-safe.
class EndedWait : public std::enable_shared_from_this<EndedWait> {
 public:
  /// `cancelled`: what it is told when it is.
  EndedWait(Key key, EndedCallback callback, std::exception_ptr cancelled);

  void tell(std::exception_ptr error, Ended ended);
  /// Tells that it was cancelled. False: it had been told already.
  bool cancel();
  /// The body waits from now on.
  void lend() noexcept;

  [[nodiscard]] Key key() const noexcept { return key_; }
  /// The awaitable body that waits; null: none does.
  [[nodiscard]] const BodyRun* body() const noexcept { return body_.get(); }
  [[nodiscard]] bool told() const noexcept { return told_; }
  std::atomic<std::uint64_t> number = 0;       ///< by which the engine finds it
  std::atomic<bool> ends_with_engine = false;  ///< its body is of the engine that tells: the end of both is
                                               ///< one

 private:
  void finish(std::exception_ptr error, Ended ended, bool at_once);

  const Key key_;
  const EndedCallback callback_;
  const std::exception_ptr cancelled_;
  const std::shared_ptr<BodyRun> body_;
  const std::uint64_t body_wait_;  // its number among the waits of that body
  std::atomic<bool> told_ = false;
};

/// Called once, from any thread, when it is durable (null), or with the `Error` that kept it from being so.
/// Must not block.
using WrittenCallback = std::function<void(std::exception_ptr)>;

/// Whether a change that is on its way is still wanted: it is taken to be written, or withdrawn before that.
/// Thread-safe.
class Withdrawal {
 public:
  /// It is about to be written. False: it was withdrawn, and must not be.
  [[nodiscard]] bool take() noexcept { return decide(State::taken); }
  /// It will not be written. False: it may be.
  [[nodiscard]] bool withdraw() noexcept { return decide(State::withdrawn); }
  [[nodiscard]] bool is_withdrawn() const noexcept { return state_ == State::withdrawn; }

 private:
  enum class State : std::uint8_t { wanted, taken, withdrawn };
  bool decide(State to) noexcept {
    State from = State::wanted;
    return state_.compare_exchange_strong(from, to);
  }
  std::atomic<State> state_ = State::wanted;
};

class Core {
 public:
  virtual ~Core() = default;

  /// `Limits::json_depth`: how deep what comes from outside may be nested.
  [[nodiscard]] virtual std::size_t json_depth() const noexcept = 0;

  virtual BatchResult create_batch(const Definition& definition, std::vector<NewInstanceText> instances,
                                   const BatchOptions& options) = 0;
  /// Throws `instance_already_exists`. Gives the key and the id, which may be a generated one.
  virtual std::pair<Key, std::string> create(const Definition& definition, NewInstanceText instance) = 0;
  [[nodiscard]] virtual std::optional<Key> find(const Definition& definition, std::string_view id) const = 0;
  [[nodiscard]] virtual Page list(const Definition& definition, const ListFilter& filter) const = 0;

  [[nodiscard]] virtual Status status(Key key) const = 0;
  [[nodiscard]] virtual InstanceDetail describe(Key key, const DescribeOptions& options) const = 0;
  [[nodiscard]] virtual InstanceText describe_text(Key key, const DescribeOptions& options) const = 0;
  virtual Ended wait(Key key, std::optional<Duration> limit) = 0;
  virtual void when_ended(const std::shared_ptr<EndedWait>& wait) = 0;
  virtual void cancel(EndedWait& wait) = 0;
  virtual void send_event(Key key, std::string_view type, std::string payload) = 0;
  /// What throws does not call back. What is withdrawn calls back as well, with any error.
  virtual void post_event(Key key, std::string_view type, std::string payload, WrittenCallback callback,
                          std::shared_ptr<Withdrawal> withdrawal) = 0;
  virtual void control(Key key, Command command) = 0;
};

/// Throws `instance_not_found` with the id.
[[noreturn]] void throw_instance_not_found(std::string_view id);

[[noreturn]] void throw_empty_instance();

/// What an `Instance` holds. Throws `invalid_argument` when it is empty.
[[nodiscard]] inline Core& core_of(const std::shared_ptr<Core>& held) {
  if (!held) throw_empty_instance();
  return *held;
}

}  // namespace cairn::detail
