// A thread that leads a turn finds no memory, at any place of it.

#include "tests/engine/engine_fixture.hpp"
#include "tests/engine/scarce_memory.hpp"
#include "tests/engine/watched_store.hpp"

#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace cairn::tests {
namespace {

using testing::FailingRequests;

constexpr auto patience = 20s;

// What the turn has to do: to keep an event of a body that waits until it is told what became of it; to begin
// bodies; and to end an instance for which somebody waits. Nothing of it is a tree of JSON, which needs
// memory to be destroyed.
class Scene {
 public:
  explicit Scene(bool all_fail) : all_fail_(all_fail) {
    EngineOptions options;
    options.log = log_->sink();
    engine_ = std::make_unique<Engine>(std::make_unique<WatchedStore>(open_memory(), watch_), options);
    naps_ = engine_->define("nap", nap);
    auto fan = engine_->define("fan", [this](Context& ctx) -> Task<void> {
      co_await ctx.step("first", [this] { fan_.get_future().wait(); });
      const std::vector<int> numbers(8);
      co_await ctx.map("n", numbers, [](int n) { return n; });
    });
    auto sender = engine_->define(
        "sender", [this](Context& ctx) -> Task<void> { co_await ctx.step("send", [this] { send(); }); });
    engine_->start();
    fan.create({});
    napping_ = naps_->create({});
    watched_ = naps_->create({});
    ended_ = watched_->async_wait(boost::asio::use_future);
    sender.create({});
  }

  // Whether a request of the leader for memory has failed.
  bool terminate_with_little_memory(std::size_t k, std::size_t count) {
    watch_->hold();
    Crowd leader{1, [&](std::size_t) { naps_->create({}); }};
    watch_->wait_until_held();
    fan_.set_value();
    go_.set_value();
    sent_.get_future().wait();
    bool failed = false;
    std::promise<void> released;
    Crowd next{1, [&](std::size_t) {
                 {
                   const FailingRequests failing{k, count};
                   try {
                     watched_->terminate();
                   } catch (const std::exception&) {
                     // Whoever was told otherwise is asked below.
                   }
                   failed = FailingRequests::has_failed();
                 }
                 released.get_future().wait();
               }};
    next.wait_until_asleep();
    watch_->release();
    released.set_value();
    leader.join();
    next.join();
    return failed;
  }

  // Not the store, which is asked again: the engine.
  [[nodiscard]] bool has_failed() const {
    const Health health = engine_->health();
    return std::ranges::find(health.complaints, "engine_failed", &Complaint::code) != health.complaints.end();
  }
  [[nodiscard]] bool tells_the_sender() {
    return told_.get_future().wait_for(patience) == std::future_status::ready;
  }
  [[nodiscard]] bool tells_of_the_end() {
    terminate_again();
    if (ended_.wait_for(patience) != std::future_status::ready) return false;
    try {
      ended_.get();
    } catch (const Error&) {
      return true;
    } catch (const InstanceError&) {
      return true;
    } catch (const std::future_error&) {
      // There was no memory for the way to it, or not even for the line that says so.
      return log_->count("a completion handler threw") > 0 || all_fail_;
    }
    return false;
  }
  [[nodiscard]] bool ends() {
    std::thread end{[this] {
      engine_.reset();
      gone_.set_value();
    }};
    const bool ended = gone_.get_future().wait_for(patience) == std::future_status::ready;
    ended ? end.join() : end.detach();
    return ended;
  }

 private:
  // Unless the engine has failed. A store that has failed refuses until it is asked again.
  void terminate_again() {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!has_failed() && std::chrono::steady_clock::now() < until) {
      try {
        return watched_->terminate();
      } catch (const Error& error) {
        if (error.code() == Errc::cannot_terminate) return;  // it was terminated before
      }
      std::this_thread::yield();
    }
  }

  void send() {
    go_.get_future().wait();
    std::future<void> sent = napping_->async_send_event("go", 1, boost::asio::use_future);
    sent_.set_value();
    try {
      sent.get();
    } catch (const std::exception&) {
      // Told all the same, if only by the end of the handler for which there was no memory.
    }
    told_.set_value();
  }

  const bool all_fail_;
  const std::shared_ptr<Log> log_ = std::make_shared<Log>();
  const std::shared_ptr<StoreWatch> watch_ = std::make_shared<StoreWatch>();
  std::unique_ptr<Engine> engine_;
  std::optional<Workflow<void, void>> naps_;
  std::optional<Instance<void>> napping_;
  std::optional<Instance<void>> watched_;
  std::future<void> ended_;
  std::promise<void> fan_;
  std::promise<void> go_;
  std::promise<void> sent_;
  std::promise<void> told_;
  std::promise<void> gone_;
};

TEST(StarvedEngine, TellsEverybodyAndEndsWhateverItsLeaderFindsNoMemoryFor) {
  std::size_t faults = 0;
  for (const std::size_t count : {std::size_t{1}, FailingRequests::for_good}) {
    for (std::size_t k = 0;; ++k) {
      SCOPED_TRACE("request " + std::to_string(k) + (count == 1 ? "" : " and all that follow"));
      auto scene = std::make_unique<Scene>(count != 1);
      const bool failed = scene->terminate_with_little_memory(k, count);
      faults += scene->has_failed() ? 1 : 0;
      const bool fine = scene->tells_the_sender() && scene->tells_of_the_end() && scene->ends();
      EXPECT_TRUE(fine);
      if (!fine) static_cast<void>(scene.release());  // threads are in it
      ASSERT_TRUE(fine);
      if (!failed) break;
    }
  }
  EXPECT_GT(faults, 0U);
}

// It names them with the lead.
TEST(StarvedEngine, EndsWhenAStopFindsNoMemoryToNameTheBodiesThatRun) {
  std::size_t faults = 0;
  for (std::size_t k = 0;; ++k) {
    SCOPED_TRACE("request " + std::to_string(k));
    const auto gate = std::make_shared<Gate>();
    auto engine = std::make_unique<Engine>(open_memory(), EngineOptions{});
    auto held = engine->define("held", [gate](Context& ctx) -> Task<void> {
      const auto pass = [gate] { gate->pass(); };
      co_await ctx.step("held", pass);
    });
    engine->start();
    held.create({});
    gate->wait_for(1);
    bool failed = false;
    {
      const FailingRequests failing{k, 1};
      static_cast<void>(engine->stop(1ms));
      failed = FailingRequests::has_failed();
    }
    faults += failed ? 1 : 0;
    gate->open();
    const auto gone = std::make_shared<std::promise<void>>();
    std::thread end{[gone, ending = std::move(engine)]() mutable {
      ending.reset();
      gone->set_value();
    }};
    const bool ended = gone->get_future().wait_for(patience) == std::future_status::ready;
    ended ? end.join() : end.detach();
    ASSERT_TRUE(ended);
    if (!failed) break;
  }
  EXPECT_GT(faults, 0U);
}

}  // namespace
}  // namespace cairn::tests
