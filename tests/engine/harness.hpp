#pragma once

#include "engine/conductor/committer.hpp"
#include "engine/conductor/conductor.hpp"
#include "tests/engine/flaky_store.hpp"

#include <cairn/cairn.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::testing {

using namespace std::chrono_literals;

/// A conductor, its committer and a memory store under the hand of a test: no thread, no clock.
///
/// Bodies are held until the test runs them. Everything else happens as soon as it is asked for. What must
/// hold at any time is checked as it happens: a body starts only when its attempt is durable, no two of one
/// instance belong to different frame trees, and bodies are counted right.
class Harness {
 public:
  explicit Harness(engine::ConductorOptions options = {});

  // ------------------------------------------------------------------------------------------- definitions

  /// Defines a workflow. The same name and version again replaces the code.
  template <class Function>
  void define(const std::string& name, Function function, WorkflowOptions options = {}) {
    using In = typename detail::Signature<Function>::In;
    using Out = typename detail::Signature<Function>::Output;
    auto definition = std::make_shared<detail::Definition>();
    definition->name = name;
    definition->options = std::move(options);
    definition->run = [function = std::move(function)](Context& context, std::string_view params) {
      return detail::run_workflow<In, Out>(context, function, std::string{params});
    };
    add(std::move(definition));
  }

  /// The next process will not define that workflow, unless the test does.
  void forget(const std::string& workflow);

  // ----------------------------------------------------------------------------------------------- requests

  /// Begins to run. Definitions and instances may come before and after.
  void begin() { give({engine::Begin{}}); }
  Key create(const std::string& workflow, const std::string& id = "", const std::string& params = "{}");
  /// The keys that were tried; `created` says which were made.
  std::vector<Key> create_many(const std::string& workflow, std::size_t count);
  Controlled control(Key key, Command command);
  Controlled pause(Key key) { return control(key, Command::pause); }
  Controlled resume(Key key) { return control(key, Command::resume); }
  Controlled terminate(Key key) { return control(key, Command::terminate); }
  Controlled restart(Key key) { return control(key, Command::restart); }
  Sent send(Key key, const std::string& type, const std::string& payload = "null");
  /// Tells `ended` how the instance ended.
  void watch(Key key, std::optional<detail::Ended>& ended);

  // The same as inputs, to be given together. The outcome is not looked at.
  [[nodiscard]] engine::Input create_input(const std::string& workflow, const std::string& id);
  [[nodiscard]] engine::Input control_input(Key key, Command command) const;
  [[nodiscard]] static engine::Input event_input(Key key, const std::string& type,
                                                 const std::string& payload = "null");

  /// One turn with these inputs: at most one group. Whether another is wanted.
  bool turn(std::vector<engine::Input> inputs = {});
  /// From now on the results of bodies among the inputs of a turn come while its group is written.
  void overlap() { overlaps_ = true; }
  /// Turns until nothing but bodies and time can bring news.
  void give(std::vector<engine::Input> inputs);

  // ----------------------------------------------------------------------------------------- bodies and time

  [[nodiscard]] const std::deque<engine::RunBody>& bodies() const { return bodies_; }
  /// Runs the oldest held body; or the oldest one of that step, such as "charge-1", or of that instance.
  void run_body() { give({take_result()}); }
  void run_body(std::string_view step) { give({take_result(step)}); }
  void run_body(Key key) { give({take_result(key)}); }
  /// Runs a body, and keeps its result back as an input.
  [[nodiscard]] engine::Input take_result();
  [[nodiscard]] engine::Input take_result(std::string_view step);
  [[nodiscard]] engine::Input take_result(Key key);
  /// Runs what is held, and what comes of it, until no body is held.
  void run_bodies();
  /// Held bodies have begun; from now on they wait for a worker, until they are run or begun by hand.
  void keep_waiting() { waiting_ = true; }
  /// The oldest held body of that step begins. False: it was called off.
  bool begin_body(std::string_view step);
  /// Runs bodies and moves the clock until every instance has ended or is paused, or `limit` has passed.
  void finish(Duration limit = std::chrono::hours{48});

  [[nodiscard]] Time now() const { return now_; }
  void move(Duration duration);
  void move_to(Time time);
  /// The clock goes on, and nobody is told yet.
  void pass(Duration duration);
  /// The wall clock alone is set to another time.
  void leap(Duration duration) { now_ += duration; }
  /// The same while the next group is written, if results may come then (`overlap`).
  void leap_in_write(Duration duration) { leap_in_write_ = duration; }
  [[nodiscard]] Duration uptime() const { return uptime_; }
  /// When a conductor wants a `Tick` next, by either clock.
  [[nodiscard]] std::optional<Time> next_time() const;

  /// The next process has these limits.
  void limit(const Limits& limits) { options_.limits = limits; }
  /// The process dies and another begins: only the store stays.
  void crash();
  /// The same, but the new one does not `begin` yet.
  void crash_before_begin();
  /// Whether a mishap of the store made it crash since the last call.
  [[nodiscard]] bool crashed() { return std::exchange(crashed_, false); }

  // ------------------------------------------------------------------------------------------------ looking

  [[nodiscard]] FlakyStore& store() { return store_; }
  [[nodiscard]] const FlakyStore& store() const { return store_; }
  [[nodiscard]] engine::Conductor& conductor() { return *conductor_; }
  [[nodiscard]] History history(Key key) const { return store_.plain().history(key).value(); }
  [[nodiscard]] InstanceRow row(Key key) const { return store_.plain().row(key).value(); }
  [[nodiscard]] Status status(Key key) const { return row(key).status; }
  [[nodiscard]] std::string output(Key key) const { return history(key).output; }
  [[nodiscard]] ErrorRecord error(Key key) const { return history(key).error.value_or(ErrorRecord{"", ""}); }
  /// The step of that name with its counter, such as "charge-1".
  [[nodiscard]] StepRow step(Key key, std::string_view name) const;
  [[nodiscard]] std::size_t groups() const { return store_.groups().size(); }
  [[nodiscard]] std::vector<std::string> ids() const;

  /// The bodies that ran, such as "order-1/charge-1#2" for the second attempt.
  [[nodiscard]] const std::vector<std::string>& journal() const { return journal_; }
  [[nodiscard]] std::size_t ran(const std::string& entry) const;
  [[nodiscard]] const std::vector<std::string>& log() const { return log_; }

  /// With all bodies returned, no slot is taken and no body is counted.
  void expect_at_rest();

 private:
  using Entry = std::pair<std::shared_ptr<const detail::Definition>, std::vector<std::int64_t>>;

  void add(std::shared_ptr<detail::Definition> definition);
  [[nodiscard]] const detail::Definition& newest(const std::string& workflow) const;
  void make_conductor();
  engine::Committer::Turn take(std::vector<engine::Input> inputs);
  template <class Result>
  Result call(Change change);
  void perform(engine::Actions actions);
  void check_start(const engine::RunBody& body) const;
  engine::Input run(std::deque<engine::RunBody>::iterator held);
  [[nodiscard]] engine::Launch::Beginning present() const { return {now_, uptime_}; }
  void check_counts() const;

  engine::ConductorOptions options_;
  FlakyStore store_;
  std::vector<Entry> entries_;
  std::unique_ptr<engine::Conductor> conductor_;
  std::deque<engine::RunBody> bodies_;
  std::size_t returned_ = 0;  // bodies that ran and whose results were not given yet
  std::vector<std::string> journal_;
  std::vector<std::string> log_;
  Time now_{std::chrono::hours{24}};
  Duration uptime_{};
  Duration leap_in_write_{};
  int next_id_ = 1;
  bool begun_ = false;
  bool crashed_ = false;
  bool overlaps_ = false;
  bool waiting_ = false;
};

/// A workflow of steps `a` and `b`, which gives 3.
Task<int> two_steps(Context& ctx);

/// A test that begins with a running engine, and ends at rest.
class ConductorTest : public ::testing::Test {
 protected:
  void SetUp() override { h.begin(); }
  void TearDown() override { h.expect_at_rest(); }

  Harness h;
};

}  // namespace cairn::testing
