#pragma once

#include "engine/conductor/messages.hpp"
#include "engine/threads/passage.hpp"
#include "engine/threads/step_pool.hpp"

#include <cairn/detail/body.hpp>
#include <cairn/step_context.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace cairn::engine {

/// What a body needs of the threads around it. Thread-safe.
class BodyHost {
 public:
  /// How many bodies were handed over and have not begun, and how many run.
  struct Counts {
    std::atomic<std::size_t> waiting = 0;
    std::atomic<std::size_t> running = 0;
  };

  /// A body has returned; called once for each that has begun, or could not for lack of memory.
  virtual void returned(BodyDone done) = 0;
  /// What else a body has to tell.
  virtual void heard(Input input) = 0;
  /// What the clocks say.
  [[nodiscard]] virtual Launch::Beginning time() const = 0;
  /// Where awaitable bodies run: a `boost::asio::io_context*`. Throws `std::system_error`.
  [[nodiscard]] virtual void* io_context() = 0;
  [[nodiscard]] virtual Counts& counts() = 0;

 protected:
  ~BodyHost() = default;
};

/// The way to a host for what may outlive it, such as a wait that a body has begun and left behind. What the
/// host hears may lead it to call code that tells it something again.
class HostDoor {
 public:
  explicit HostDoor(BodyHost& host) : host_(host) {}
  /// Behind the end nobody hears it.
  void tell(Input input);
  /// Returns when nobody is inside.
  void close() { passage_.close(); }

  [[nodiscard]] std::uint64_t missed_wakeups() const noexcept { return passage_.missed_wakeups(); }

 private:
  Passage passage_;
  BodyHost& host_;
};

/// One execution of a body, as the body sees it, and as the step pool does.
class BodyExecution final : public detail::BodyRun, public StepPool::Job {
 public:
  /// When it throws, `run` is as it was.
  BodyExecution(RunBody&& run, BodyHost& host, std::shared_ptr<HostDoor> door);
  ~BodyExecution() override;

  // The body's side.
  StepContext& context() noexcept override { return context_; }
  bool begin() override;
  void finish(detail::BodyResult result) override;
  void* io_context() override { return host_.io_context(); }
  detail::WaitNumber next_wait() noexcept override { return ++waits_; }
  void lend(detail::WaitNumber wait) override;
  void take_back(detail::WaitNumber wait, bool at_once, std::function<void()> granted) noexcept override;

  /// Lets the body begin. One that cannot, such as for lack of memory, has failed.
  void run() override;
  /// The body has failed before it could begin.
  void fail(detail::BodyResult result);
  [[nodiscard]] bool wanted() const noexcept override { return !run_.launch->is_called_off(); }
  [[nodiscard]] bool needs_worker() const noexcept { return run_.body->needs_worker(); }
  [[nodiscard]] const BodyHost& host() const noexcept { return host_; }
  [[nodiscard]] Key key() const noexcept { return run_.key; }
  [[nodiscard]] Sequence started_seq() const noexcept { return run_.started_seq; }

 private:
  enum class Stage : std::uint8_t { waits, runs, over };

  void leave_stage();

  StepContext context_;  // made first: without memory for it, `run` is whole
  RunBody run_;          // holds the body: an awaitable one is still on its own stack when its frame may go
  BodyHost& host_;
  const std::shared_ptr<HostDoor> door_;
  Stage stage_ = Stage::waits;
  std::atomic<detail::WaitNumber> waits_ = 0;
};

/// What a body brought, as the conductor hears it.
[[nodiscard]] BodyDone done(const RunBody& run, detail::BodyResult result);

}  // namespace cairn::engine
