#pragma once

#include "engine/clock_guard.hpp"
#include "engine/conductor/committer.hpp"
#include "engine/conductor/conductor.hpp"
#include "tests/simulation/audit.hpp"
#include "tests/simulation/findings.hpp"
#include "tests/simulation/program.hpp"
#include "tests/simulation/simulated_disk.hpp"
#include "tests/simulation/trace.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace cairn::testing {

/// A wall clock, and one that never leaps.
struct SimulatedClock {
  Time now{std::chrono::hours{24 * 365 * 50}};
  Duration uptime = {};
  std::size_t leaps = 0;
  Duration corrected = {};

  void leap(Duration by) {
    now += by;
    ++leaps;
    if (!engine::is_leap(by)) corrected += std::chrono::abs(by);
  }
  void pass(Duration span) {
    now += span;
    uptime += span;
  }
};

struct HostOptions {
  engine::ConductorOptions conductor = {};
  std::size_t checkpoint_bytes = std::size_t{24} << 10;
  int page_bytes = 1024;
  std::size_t nodes_a_lack = 0;  ///< every so many-th node that code comes to finds no memory; 0: none does
};

/// How a body ends.
enum class BodyEnd : std::uint8_t { well, badly, hopelessly };

/// The program that a machine runs: what `engine/threads/runner` does with threads, done by hand on one
/// thread. A turn is taken in its parts, bodies are held until they are ended, and the machine may die at any
/// moment.
///
/// What must hold at any time is checked as it happens: a body starts only when its attempt is durable, never
/// after its result was recorded, and no two of one instance belong to different frame trees.
class Host : public Bodies {
 public:
  Host(HostOptions options, SimulatedDisk& disk, SimulatedClock& clock, Audit& audit, Findings& findings,
       Trace& trace);

  // ------------------------------------------------------------------------------------------------- lives

  /// Opens the store. Throws `Error` when that fails, and is not alive then.
  void open();
  [[nodiscard]] bool alive() const { return conductor_ != nullptr; }
  /// The process is gone, with all that it had in memory: its machine has died, or it ends by itself.
  void drop();
  /// Defines a workflow, and looks for its instances.
  void define(std::shared_ptr<detail::Definition> definition);
  /// Makes the code of a workflow.
  [[nodiscard]] std::shared_ptr<detail::Definition> make_code(const std::string& name,
                                                              WorkflowOptions options, Author author);

  // ------------------------------------------------------------------------------------------------- turns

  /// For the next turn.
  void give(engine::Input input);
  [[nodiscard]] bool wants_turn() const { return more_ || !inputs_.empty(); }
  /// One turn in its parts. `prepare` says whether there is a group to `write`.
  bool prepare();
  void hear(std::vector<engine::BodyDone> results);
  void write();
  void finish();
  /// A whole turn.
  void turn();
  /// Turns until nothing but bodies and time can bring news.
  void come_to_rest();
  void maintain(Demand demand);
  /// When the next turn is wanted although nothing comes.
  [[nodiscard]] std::optional<Time> next_time() const;

  // ------------------------------------------------------------------------------------------------ bodies

  [[nodiscard]] const std::deque<engine::RunBody>& bodies() const { return bodies_; }
  /// How many bodies run at a time, besides those that are ended.
  void set_workers(std::size_t workers) { workers_ = workers; }
  /// Runs the body and gives its result, which nobody has been told yet; nothing when the machine died
  /// meanwhile.
  std::optional<engine::BodyDone> run_body(std::size_t index, BodyEnd end);
  /// The body waits for another instance, and lends what it holds. It has it back before it is run.
  void lend(std::size_t index);
  void take_back(std::size_t index, bool at_once);
  [[nodiscard]] bool has_lent(std::size_t index) const { return lent_.contains(id_of(bodies_[index])); }
  std::string run(const Node& node, StepContext& step) override;
  void come_to_node() override;
  /// What bodies do that make instances: the id that they ask for.
  std::function<void(const std::string& id)> create_instance;

  [[nodiscard]] Store& store() { return *store_; }
  [[nodiscard]] engine::Conductor& conductor() { return *conductor_; }
  [[nodiscard]] engine::ClockGuard& clock_guard() { return *clock_guard_; }

 private:
  using BodyId = std::tuple<Key, engine::Residency, Sequence>;
  static BodyId id_of(const engine::RunBody& body) { return {body.key, body.residency, body.started_seq}; }
  void perform(engine::Actions actions);
  void forget_called_off(std::size_t called_off);
  void check_waiting();
  void begin_bodies();
  [[nodiscard]] engine::Launch::Beginning present() const { return {clock_.now, clock_.uptime}; }
  void check_start(const engine::RunBody& body) const;
  void check_run(const engine::RunBody& body);

  const HostOptions options_;
  SimulatedDisk& disk_;
  SimulatedClock& clock_;
  Audit& audit_;
  Findings& findings_;
  Trace& trace_;

  struct Lent {
    detail::WaitNumber wait = 0;
    bool asked_back = false;
  };
  std::map<BodyId, Lent> lent_;  // what bodies hold. The conductor's end gives it back
  detail::WaitNumber waits_ = 0;
  std::unique_ptr<Store> store_;
  std::unique_ptr<engine::ClockGuard> clock_guard_;
  std::unique_ptr<engine::Conductor> conductor_;
  std::unique_ptr<engine::Committer> committer_;
  std::vector<engine::Input> inputs_;
  std::deque<engine::RunBody> bodies_;
  std::size_t workers_;
  bool doubted_ = false;              // in this life it was not known once what the store holds
  std::set<std::string> executions_;  // the ledger: every body that ran, with its attempt
  BodyEnd end_ = BodyEnd::well;
  std::size_t nodes_ = 0;
  bool more_ = false;
};

}  // namespace cairn::testing
