#include "storage/memory/store.hpp"
#include "storage/sqlite/store.hpp"
#include "tests/counts.hpp"
#include "tests/simulation/kept_check.hpp"
#include "tests/storage/counting_vfs.hpp"
#include "tests/storage/store_fixture.hpp"
#include "tests/storage/store_text.hpp"
#include "tests/storage/trail.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <set>
#include <string>

// Random changes, applied to SQLite and to the memory store, which is right by definition: after each of them
// both must give the same outcome and hold the same.
namespace cairn::testing {
namespace {

// Makes changes that are mostly sensible for what the store holds, and sometimes not.
class Generator {
 public:
  Generator(std::uint64_t seed, const Store& store) : random_{seed}, store_{store} {}

  Time now() {
    now_ += Duration{number(0, 400)};
    return now_;
  }

  Change change() {
    const int choice = number(0, 99);
    if (choice < 2) return Define{pick(names), pick(versions), "w", "v"};
    if (choice < 14) return batch();
    if (choice < 24) return SendEvent{key(), pick(types), json(), static_cast<std::size_t>(number(0, 4))};
    if (choice < 44) return control();
    if (choice < 93) return advance();
    if (choice < 95) return set_clock();
    return Sweep{.limit = static_cast<std::size_t>(number(0, 3)),
                 .until = perhaps_later().value_or(Time::max())};
  }

 private:
  static constexpr std::array names{"orders", "audits"};
  static constexpr std::array versions{"1", "2", "3"};
  static constexpr std::array types{"x", "y"};

  int number(int least, int most) { return std::uniform_int_distribution{least, most}(random_); }
  bool chance(int percent) { return number(1, 100) <= percent; }
  template <class Range>
  std::string pick(const Range& range) {
    return range[static_cast<std::size_t>(number(0, static_cast<int>(range.size()) - 1))];
  }
  std::string json() { return "{\"n\":" + std::to_string(number(0, 9)) + "}"; }
  std::optional<Time> perhaps_later() {
    return chance(70) ? std::optional{now_ + Duration{number(-500, 2'000)}} : std::nullopt;
  }
  ErrorRecord error() { return {"E" + std::to_string(number(0, 3)), json()}; }

  Key key() {
    const auto live = store_.list({.limit = 100});
    if (live.empty() || chance(2)) return number(0, 5'000);
    return live[static_cast<std::size_t>(number(0, static_cast<int>(live.size()) - 1))].key;
  }

  Change set_clock() {
    const Duration by{chance(80) ? number(-2'000, 2'000) : 0};
    now_ = std::max(now_ + by, at(10'000));
    return MoveClock{by, chance(40)};
  }

  std::optional<Duration> retention() {
    return chance(90) ? std::optional{Duration{number(1, 3'000)}} : std::nullopt;
  }

  Change batch() {
    const auto workflows = store_.workflows();
    if (workflows.empty()) return Define{pick(names), pick(versions), "w", "v"};
    const std::int64_t workflow =
        workflows[static_cast<std::size_t>(number(0, static_cast<int>(workflows.size()) - 1))].workflow;
    CreateBatch batch;
    batch.workflow = workflow;
    batch.version = store_.versions(workflow).back().version;
    batch.first_key = store_.ownership().next_key + (chance(10) ? 3 : 0);
    batch.on_conflict = chance(20) ? OnConflict::fail : OnConflict::skip;
    // Few enough instances that they meet each other often.
    const std::size_t live = store_.list({.limit = 100}).size();
    const int rows = live > 25 ? 1 : chance(5) ? number(0, 70) : number(1, 4);
    const int ids = rows > 4 ? 80 : 30;
    for (int row = 0; row < rows; ++row) {
      batch.rows.push_back({"i" + std::to_string(number(0, ids)), json(), {retention(), retention()}});
    }
    if (chance(4)) batch.begun = static_cast<std::size_t>(number(0, rows));
    return batch;
  }

  Change control() {
    // Ends more often than the others, so that there is something to sweep.
    static constexpr std::array commands{Command::pause,  Command::resume,    Command::resume,
                                         Command::resume, Command::terminate, Command::restart};
    Control control;
    control.key = key();
    control.command = commands[static_cast<std::size_t>(number(0, 5))];
    control.idle = chance(50);
    const auto row = store_.row(control.key);
    control.version = row ? row->version : store_.workflows().empty() ? 0 : 1;
    if (control.command == Command::restart && control.version == 0) control.command = Command::resume;
    return control;
  }

  Change advance() {
    Advance advance;
    advance.key = key();
    const auto history = store_.history(advance.key);
    if (!history) return advance;
    advance.run = history->row.run + (chance(3) ? number(-1, 1) : 0);
    last_ = last_number(*history);
    add_results(advance, *history);
    if (chance(60)) advance.enter = entry(history->row.status);
    if (chance(50)) add_starts(advance);
    if (chance(50)) add_attempts(advance, *history);
    if (chance(45)) add_leave(advance);
    return advance;
  }

  static Sequence last_number(const History& history) {
    Sequence last = 0;
    for (const StepRow& step : history.steps)
      last = std::max({last, step.started_seq, step.ended_seq.value_or(0)});
    return last;
  }

  std::optional<Cause> entry(Status status) {
    if (status == Status::queued) return Cause::start;
    if (status == Status::waiting) return Cause::wake;
    return chance(10) ? std::optional{Cause::start} : std::nullopt;
  }

  void add_results(Advance& advance, const History& history) {
    for (const StepRow& step : history.steps) {
      if (!chance(step.ended_seq ? 3 : 40)) continue;
      StepResult result;
      result.started_seq = step.started_seq;
      result.attempt = step.attempt + (chance(5) ? number(-1, 1) : 0);
      result.at = now_;
      result.output = json();
      if (chance(30)) result.error = error();
      result.interrupted = chance(20);
      if (chance(30)) result.began = now_ - Duration{number(0, 100)};
      if (step.kind == StepKind::step && chance(40)) {
        result.retry_due = now_ + Duration{number(0, 100)};
        result.withdrawn = chance(30);
        if (result.withdrawn) result.error.reset();
        if (result.withdrawn) result.interrupted = false;
      } else {
        result.ended_seq = step.ended_seq && chance(70) ? *step.ended_seq : ++last_;
      }
      if (step.kind == StepKind::wait_for_event && !history.events.empty() && chance(80)) {
        result.event =
            history.events[static_cast<std::size_t>(number(0, static_cast<int>(history.events.size()) - 1))]
                .event;
      }
      advance.results.push_back(result);
    }
  }

  void add_starts(Advance& advance) {
    for (int count = number(1, 3); count > 0; --count) {
      StepStart start;
      start.started_seq = chance(4) ? last_ : ++last_;
      if (start.started_seq < 1) start.started_seq = 1;
      start.kind = static_cast<StepKind>(number(0, 2));
      start.name = "s" + std::to_string(number(0, 3));
      start.count = number(1, 9);
      if (chance(50)) start.config = json();
      if (start.kind == StepKind::wait_for_event) start.event_type = pick(types);
      if (start.kind != StepKind::step || chance(30)) start.due = now_ + Duration{number(0, 1'000)};
      start.due_fixed = chance(20);
      start.at = now_;
      advance.starts.push_back(start);
    }
  }

  void add_attempts(Advance& advance, const History& history) {
    for (const StepRow& step : history.steps) {
      const bool awaits = step.kind == StepKind::step && step.due && !step.ended_seq;
      if (chance(awaits ? 60 : 2)) advance.attempts.push_back({step.started_seq, step.attempt + 1, now_});
    }
  }

  void add_leave(Advance& advance) {
    static constexpr std::array causes{Cause::wait,    Cause::wait,     Cause::wait, Cause::requeue,
                                       Cause::quiesce, Cause::complete, Cause::fail, Cause::park};
    advance.leave = causes[static_cast<std::size_t>(number(0, 7))];
    advance.wake_at = perhaps_later();
    advance.output = json();
    if (chance(80)) advance.error = error();
  }

  std::mt19937_64 random_;
  const Store& store_;
  Time now_ = at(10'000);
  Sequence last_ = 0;
};

// The instance that a change is about; 0: none, or several.
struct KeyOf {
  Key operator()(const Define&) const { return 0; }
  Key operator()(const Sweep&) const { return 0; }
  Key operator()(const MoveClock&) const { return 0; }
  Key operator()(const CreateBatch& batch) const { return batch.first_key; }
  Key operator()(const auto& change) const { return change.key; }
};

class Comparison {
 public:
  explicit Comparison(std::uint64_t seed) : generator_{seed, memory_} {
    vfs_.skip_syncs();
    open();
  }

  void run(std::uint64_t changes) {
    for (std::uint64_t done = 0; done < changes && !::testing::Test::HasFailure();) {
      std::vector<Change> group;
      for (int size = done % 7 == 0 ? 3 : 1; size > 0; --size, ++done) group.push_back(generator_.change());
      let_keys_rise(group);
      const Time now = generator_.now();
      const std::vector<Outcome> outcomes = memory_.apply(group, now);
      trails_.follow(group, outcomes, memory_.ownership(), now);
      compare_outcomes(outcomes, sqlite_->apply(group, now));
      done % whole_every == 0 ? compare_contents() : compare_changed(group);
      if (done % 61 == 0) sqlite_->maintain(Demand::quiet);
      if (done % 97 == 0) reopen();
    }
  }

  // What was seen, to make sure that the changes were worth comparing.
  [[nodiscard]] const std::set<std::string>& outcomes_seen() const { return seen_; }

 private:
  void open() {
    sqlite_.reset();
    sqlite_ = std::make_unique<sqlite::SqliteStore>(file(),
                                                    sqlite::FileOptions{.sqlite = {.audit_trail = true},
                                                                        .vfs = vfs_.name(),
                                                                        .checkpoint_bytes = 64 << 10,
                                                                        .background_checkpoints = false});
  }

  void reopen() {
    open();
    memory_.begin_epoch();
    EXPECT_EQ(sqlite_->ownership().epoch, memory_.ownership().epoch);
    EXPECT_EQ(sqlite_->ownership().last_time, memory_.ownership().last_time);
    EXPECT_EQ(sqlite_->ownership().clock_doubtful, memory_.ownership().clock_doubtful);
    EXPECT_EQ(sqlite_->ownership().believed_until, memory_.ownership().believed_until);
    compare_contents();
    compare_trails();
  }

  [[nodiscard]] std::filesystem::path file() const { return folder_ / "store.db"; }

  // Two batches of one group were made without knowing of each other.
  static void let_keys_rise(std::vector<Change>& group) {
    Key next = 0;
    for (Change& change : group) {
      auto* batch = std::get_if<CreateBatch>(&change);
      if (batch == nullptr) continue;
      batch->first_key = std::max(batch->first_key, next);
      next = batch->first_key + static_cast<Key>(batch->rows.size());
    }
  }

  void compare_outcomes(const std::vector<Outcome>& expected, const std::vector<Outcome>& found) {
    ASSERT_EQ(expected.size(), found.size());
    for (std::size_t index = 0; index < expected.size(); ++index) {
      ASSERT_EQ(text(expected[index]), text(found[index]));
      seen_.insert(text(expected[index]).substr(0, 24));
    }
  }

  // The instances that the changes were about.
  void compare_changed(const std::vector<Change>& group) {
    ASSERT_EQ(memory_.ownership().commit_seq, sqlite_->ownership().commit_seq);
    for (const Change& change : group) {
      const Key key = std::visit(KeyOf{}, change);
      const std::optional<History> expected = memory_.history(key);
      const std::optional<History> found = sqlite_->history(key);
      ASSERT_TRUE(expected == found) << "memory: " << (expected ? text(*expected) : "nothing")
                                     << "\nsqlite: " << (found ? text(*found) : "nothing");
    }
  }

  void compare_contents() {
    ASSERT_EQ(memory_.ownership().commit_seq, sqlite_->ownership().commit_seq);
    ASSERT_EQ(memory_.ownership().next_key, sqlite_->ownership().next_key);
    const auto rows = memory_.list({.limit = 1'000});
    ASSERT_EQ(rows, sqlite_->list({.limit = 1'000}));
    std::vector<Key> keys{0};
    for (const InstanceRow& row : rows) keys.push_back(row.key);
    const auto loaded = sqlite_->load(keys);
    ASSERT_EQ(loaded.size(), keys.size());
    ASSERT_FALSE(loaded[0]);
    for (std::size_t index = 1; index < keys.size(); ++index) {
      const History expected = memory_.history(keys[index]).value();
      const History found = sqlite_->history(keys[index]).value();
      ASSERT_TRUE(expected == found) << "memory: " << text(expected) << "\nsqlite: " << text(found);
      ASSERT_TRUE(expected == loaded[index])
          << "memory: " << text(expected)
          << "\nloaded by SQLite: " << (loaded[index] ? text(*loaded[index]) : "nothing");
    }
    std::vector<EventTarget> targets;
    for (const Key key : keys) targets.push_back({key, key % 2 == 0 ? "x" : "y"});
    ASSERT_TRUE(memory_.awaiting(targets) == sqlite_->awaiting(targets));
    ASSERT_EQ(memory_.errors(keys), sqlite_->errors(keys));
    std::vector<WantedId> ids{{1, "nobody's"}};
    for (const InstanceRow& row : rows) ids.push_back({row.workflow, row.id});
    ASSERT_EQ(memory_.taken(ids), sqlite_->taken(ids));
    compare_due();
    for (const WorkflowRow& workflow : memory_.workflows()) {
      ASSERT_EQ(memory_.queued(workflow.workflow, 0, 100), sqlite_->queued(workflow.workflow, 0, 100));
    }
  }

  void compare_due() {
    const DueRow begin{.wake_at = Time::min()};
    const auto whole = memory_.due(begin, Time::max(), 100);
    ASSERT_EQ(whole, sqlite_->due(begin, Time::max(), 100));
    std::vector<DueRow> in_pieces;
    for (DueRow after = begin;; after = in_pieces.back()) {
      const auto piece = sqlite_->due(after, Time::max(), 3);
      in_pieces.insert(in_pieces.end(), piece.begin(), piece.end());
      if (piece.size() < 3) break;
    }
    ASSERT_EQ(whole, in_pieces);
  }

  // The memory store keeps none, but its outcomes tell what should stand there.
  void compare_trails() {
    const CheckReport report = kept_check_.check(file());
    ASSERT_EQ(trails_.difference(read_trails(kept_check_.database()), memory_.list({.limit = 1'000})), "");
    // The steps here are not what an engine would make; the trail and the clocks must be, but that an engine
    // moves a clock by more than five minutes, before it calls that a leap.
    for (const Finding& finding : report.findings) {
      if (finding.rule == "transition-groups") continue;
      static const std::set<std::string> of_clocks{"clocks", "leaps", "doubt"};
      ASSERT_FALSE(finding.rule.starts_with("transition-") || of_clocks.contains(finding.rule))
          << finding.rule << ": " << finding.subject << ' ' << finding.what;
    }
  }

  // Between two looks at everything, only what was changed is compared, which takes a tenth of the time.
  static constexpr int whole_every = 40;

  Folder folder_;
  CountingVfs vfs_;
  memory::MemoryStore memory_;
  std::unique_ptr<Store> sqlite_;
  ExpectedTrails trails_;
  KeptCheck kept_check_;
  Generator generator_;
  std::set<std::string> seen_;
};

class DifferentialTest : public ::testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, DifferentialTest, ::testing::Values(0, 1, 2, 3));

TEST_P(DifferentialTest, SqliteAndMemoryAgreeAfterEveryChange) {
  const std::uint64_t seed = 4 * number_from("CAIRN_DIFFERENTIAL_SEED", 0) + GetParam() + 1;
  SCOPED_TRACE("seed " + std::to_string(seed));
  Comparison comparison{seed};
  const std::uint64_t changes = differential_changes() / 4;
  comparison.run(changes);
  EXPECT_GE(comparison.outcomes_seen().size(), 60U) << "too few kinds of outcomes to be worth much";
  tell_count("changes", changes);
}

}  // namespace
}  // namespace cairn::testing
