#pragma once

#include "tests/stress/shared_instances.hpp"
#include "tests/stress/witness.hpp"
#include "tests/stress/workflows.hpp"

#include <cairn/cairn.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace cairn::testing {

/// One engine, from its beginning to its end. Its handles may be used by any thread at any time, also behind
/// the end; the engine itself, as any object, only by those who are let in while it is there.
class Life {
 public:
  /// Makes the engine and defines its workflows, also those of which earlier lives of the round have left
  /// instances.
  Life(std::uint64_t number, std::shared_ptr<SharedInstances> shared, std::unique_ptr<Store> store,
       const EngineOptions& options);
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  /// Calls `function(Engine&)`, or does nothing when the engine is to be destroyed.
  template <class Function>
  void visit(Function&& function) {
    const Visit visit{*this};
    if (visit.engine() != nullptr) function(*visit.engine());
  }

  // For the one who directs.

  void start(Witness& witness);
  /// From now on calls may be turned away.
  void begin_end() { ends_ = true; }
  /// Whether all has come to rest.
  bool stop(Witness& witness, Duration deadline);
  /// Destroys the engine when the last visitor has left. Whoever calls through handles goes on meanwhile.
  void destroy(Witness& witness);
  /// Waits for all handlers that were promised a call.
  void await_completions(Witness& witness);

  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  [[nodiscard]] const std::atomic<bool>& ends() const noexcept { return ends_; }
  [[nodiscard]] const Workflows& workflows() const noexcept { return workflows_; }
  [[nodiscard]] const std::shared_ptr<SharedInstances>& shared() const noexcept { return shared_; }

  /// A handler that is going to be called, and one that was.
  void promise_completion() { ++promised_; }
  void note_completion();

 private:
  class Visit {
   public:
    explicit Visit(Life& life);
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    ~Visit();
    [[nodiscard]] Engine* engine() const noexcept { return engine_; }

   private:
    Life& life_;
    Engine* engine_ = nullptr;
  };

  const std::uint64_t number_;
  const std::shared_ptr<SharedInstances> shared_;
  std::atomic<bool> ends_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t visitors_ = 0;
  bool closed_ = false;
  std::atomic<std::int64_t> promised_ = 0;
  std::optional<Engine> engine_;
  Workflows workflows_;
};

/// The engine of the moment, also while it ends; and none from its end to the beginning of the next one.
class Lives {
 public:
  void set(std::shared_ptr<Life> life) {
    const std::lock_guard lock{mutex_};
    life_ = std::move(life);
    changed_.notify_all();
  }
  /// Waits where there is none.
  [[nodiscard]] std::shared_ptr<Life> now() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return life_ != nullptr; });
    return life_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<Life> life_;
};

}  // namespace cairn::testing
