#pragma once

#include <cairn/open.hpp>
#include <cairn/store.hpp>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::testing {

/// A store, a clock, and what operations need to say about instances. One thread.
class World {
 public:
  using Open = std::function<std::unique_ptr<Store>(const SqliteOptions&)>;

  /// Opens the store, and defines a workflow.
  explicit World(Open open);

  [[nodiscard]] Store& store() { return *store_; }
  /// Told after every group that was acknowledged, and after the store was opened.
  void on_durable(std::function<void()> told) { told_ = std::move(told); }

  // ------------------------------------------------------------------------------------------------- groups

  /// Makes one group durable. The clock goes on by a second before.
  std::vector<Outcome> apply(std::vector<Change> group);
  template <class Result>
  Result apply_one(Change change) {
    std::vector<Change> group;
    group.push_back(std::move(change));
    return std::get<Result>(apply(std::move(group)).at(0));
  }
  void pass(Duration duration) { now_ += duration; }
  [[nodiscard]] Time now() const { return now_; }
  void tidy(Demand demand);
  /// The owner ends, and the next one comes.
  void reopen();
  /// The same, and the next owner, and all later ones, want an audit trail.
  void turn_on_audit_trail();
  /// The next owner comes, if the last try to open the store has failed.
  void open_if_closed();

  // --------------------------------------------------------------------------------------------- instances

  [[nodiscard]] Define definition(const std::string& workflow, const std::string& version) const;
  [[nodiscard]] CreateBatch batch(std::size_t rows, Retention retention = {});
  /// A new instance that runs, with its first step in flight.
  Key running();
  /// A new instance that waits: for a sleep of an hour, or for events of a type.
  Key sleeping();
  Key waiting(const std::string& event_type);

  [[nodiscard]] StepStart start(Sequence seq, StepKind kind = StepKind::step) const;
  [[nodiscard]] StepResult result(Sequence seq, Sequence ended, std::int32_t attempt = 1) const;
  [[nodiscard]] StepResult failure(Sequence seq, std::int32_t attempt, bool interrupted = false) const;
  void control(Key key, Command command, bool idle = true);

 private:
  void open();

  Open open_;
  SqliteOptions options_;
  std::unique_ptr<Store> store_;
  std::function<void()> told_;
  Defined defined_;
  Time now_{std::chrono::hours{24 * 365}};
  std::size_t ids_ = 0;
};

/// Something that a store is asked to do, in a few groups. The harnesses of this folder drive every operation
/// of this table; a new one joins all of them by its line.
struct Operation {
  std::string_view name;
  void (*run)(World&);
  /// Whether its file is made while something fails. The others of the table begin with one that is there.
  bool makes_its_file = false;
};
/// The name alone, where GoogleTest tells of a parameter.
inline void PrintTo(const Operation& operation, std::ostream* out) {
  *out << operation.name;
}
[[nodiscard]] const std::vector<Operation>& operations();
/// Those, and the making of a file, which they would all begin with.
[[nodiscard]] std::vector<Operation> operations_and_the_file();

}  // namespace cairn::testing
