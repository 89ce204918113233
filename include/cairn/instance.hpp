#pragma once

#include <cairn/codec.hpp>
#include <cairn/detail/core.hpp>
#include <cairn/instance_detail.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cairn {

/// A handle on one instance; `Out` is what it ends with. Cheap to copy; thread-safe.
///
/// It stays valid after the instance or the engine is gone: calls then throw `Error` (`instance_not_found`,
/// `engine_stopped`). Every call may throw `store_failed`; those that change something also
/// `outcome_unknown`. What returned is durable.
///
/// One that is default-constructed, or was moved away, is empty: a place for another one, as Asio needs it to
/// hand one over. Its id is empty, and every other call throws `Error` (`invalid_argument`) that says so;
/// those that complete later complete with it.
template <class Out>
class Instance {
 public:
  /// Empty.
  Instance() noexcept = default;
  Instance(std::shared_ptr<detail::Core> core, Key key, std::string id)
      : core_(std::move(core)), key_(key), id_(std::move(id)) {}

  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  [[nodiscard]] Status status() const { return core().status(key_); }
  /// All that is recorded: times, steps, attempts, output or error; or as much of it as `options` asks for.
  [[nodiscard]] InstanceDetail describe(const DescribeOptions& options = {}) const {
    return core().describe(key_, options);
  }
  /// The same for those who pass the values on: as JSON text, without a tree of any.
  [[nodiscard]] InstanceText describe_text(const DescribeOptions& options = {}) const {
    return core().describe_text(key_, options);
  }

  /// Waits for the end and gives the output. Throws `InstanceError` when the instance ended `errored` or
  /// `terminated`. From workflow code outside a body it throws `wrong_thread`. Throws `engine_stopped` when
  /// the engine stops first; an end that is recorded is told after a stop as well.
  ///
  /// On the thread of a body, it lends the body's worker and, while all bodies of its instance wait, the
  /// instance's slot, and has both back before it returns. It ends with `cancelled` when the body is asked to
  /// stop. Throws `std::system_error` when there is no thread that could work in the meantime.
  Out wait() const { return result(core().wait(key_, std::nullopt)); }
  /// The same, for at most that long (real time). Throws `Error` (`timed_out`), also when what a body has
  /// lent is in use.
  Out wait_for(Duration duration) const { return result(core().wait(key_, duration)); }
  /// The same without a thread that waits; needs `<cairn/asio.hpp>`. Completes with `void(std::exception_ptr,
  /// Out)`, or `void(std::exception_ptr, std::optional<Out>)` when Out has no default constructor: then there
  /// is a value exactly when there is no error. Cancelled by Asio (of any type), it completes with
  /// `system_error` (`operation_aborted`). An awaitable body lends its instance's slot until then.
  template <class CompletionToken>
  auto async_wait(CompletionToken&& token) const;

  /// Sends an event; it is kept until the instance waits for one of its type. Throws `cannot_send_event` when
  /// it has ended.
  void send_event(std::string_view type, const json& payload) const {
    detail::Core& engine = core();
    engine.send_event(key_, type, detail::encode_for(payload, "payload", "event", type, engine.json_depth()));
  }
  /// The same for those who only pass the payload on: its text is stored as it is.
  void send_event_text(std::string_view type, JsonText payload) const {
    core().send_event(key_, type, std::move(payload).text());
  }
  /// The same without a thread that waits; needs `<cairn/asio.hpp>`. Completes with
  /// `void(std::exception_ptr)`: null when the event is durable, else the `Error` that `send_event` would
  /// have thrown, for bad arguments as well. Events on their way share commits, and those of one thread keep
  /// their order; each takes memory until it is written. Before the engine has started the caller writes it
  /// itself. Cancelled by Asio, it is withdrawn or let go of; `<cairn/asio.hpp>` says when.
  template <class CompletionToken>
  auto async_send_event(std::string type, json payload, CompletionToken&& token) const;

  /// Lets running bodies finish, then stands still. Nothing happens if it is paused already. Throws
  /// `cannot_pause` when it has ended.
  void pause() const { core().control(key_, Command::pause); }
  /// Goes on; sleeps, retry delays and timeouts move by the paused time. Nothing happens if it is not paused.
  /// Throws `cannot_resume` when it has ended.
  void resume() const { core().control(key_, Command::resume); }
  /// Ends it at once as `terminated`; bodies that run are asked to stop and their results dropped. Throws
  /// `cannot_terminate` when it has ended.
  void terminate() const { core().control(key_, Command::terminate); }
  /// Begins again with the same params, from any status, with the newest version that this engine defines.
  /// All steps and buffered events are forgotten. The new run begins when bodies of the old one have
  /// returned.
  void restart() const { core().control(key_, Command::restart); }

 private:
  static Out result(const detail::Ended& ended) {
    if (ended.status != Status::complete) throw InstanceError{ended.status, ended.error};
    if constexpr (!std::is_void_v<Out>) return decode<Out>(ended.output, "output");
  }

  [[nodiscard]] detail::Core& core() const { return detail::core_of(core_); }

  std::shared_ptr<detail::Core> core_;
  Key key_ = 0;
  std::string id_;
};

}  // namespace cairn
