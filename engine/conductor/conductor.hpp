#pragma once

#include "engine/conductor/clock_leaps.hpp"
#include "engine/conductor/concerns.hpp"
#include "engine/conductor/conductor_options.hpp"
#include "engine/conductor/messages.hpp"
#include "engine/conductor/registry.hpp"
#include "engine/conductor/store_outage.hpp"
#include "engine/instance/resident.hpp"
#include "engine/scheduler/places.hpp"
#include "engine/scheduler/right_of_way.hpp"
#include "engine/scheduler/scheduler.hpp"
#include "engine/scheduler/share.hpp"
#include "engine/scheduler/suspects.hpp"
#include "engine/scheduler/timer_window.hpp"
#include "engine/scheduler/turn_budget.hpp"

#include <cairn/store.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace cairn::engine {

/// Decides everything: a plain object that is fed with inputs and answers with changes and actions.
///
/// It starts no thread, reads no clock and opens no store, so that tests drive the very object that
/// production runs. One thread at a time; workflow code runs inside its calls. The caller's loop
/// (`Committer`) is: `take` inputs, answer `take_reads` until there are none, `pump`, make `take_group`
/// durable and report it to `committed` or `failed`; then perform `take_actions`. Between `take_group` and
/// the report it can take results of bodies (`BodyDone`) and nothing else: they go into the next group.
/// Whether a body that has not begun is wanted still, is said before a reply is: its launch is called off.
///
/// Workflow code runs ahead of the commit; bodies, replies and notifications wait for it.
class Conductor {
 public:
  /// Without `leaps` the wall clock is never set.
  Conductor(const ConductorOptions& options, Key next_key, std::optional<ClockLeaps> leaps = std::nullopt);

  /// Before the inputs of a turn: whether the wall clock was set. A turn keeps the clock by which it began,
  /// so that nothing moves while a group is written.
  void look_at_clock(ClockReading reading);
  /// What the time is for a turn that has begun. Of a stale reading the wall clock may have been set unseen:
  /// the time is that of the clock before.
  [[nodiscard]] Time time_of_turn(ClockReading reading) const {
    return leaps_ ? leaps_->by_same_clock(reading) : reading.now;
  }

  void take(Input&& input, Time now);

  /// Of the results of all instances whose records are read together: what is behind them is asked for later.
  [[nodiscard]] std::size_t loaded_bytes() const noexcept { return options_.loaded_bytes; }

  /// Which of these inputs are events that may go straight to a wait, of instances that are not in memory.
  /// What the store's `awaiting` says of them is given to `answer`, before the inputs are taken.
  [[nodiscard]] std::vector<EventTarget> foresee(std::span<const Input> inputs) const;
  void answer(std::span<const EventTarget> targets, std::vector<std::optional<History>> histories);

  [[nodiscard]] std::vector<Read> take_reads();
  void answer(const ReadHistory& read, std::optional<History> history, Time now);
  void answer(const ReadEnd& read, const std::optional<History>& history);
  void answer(const ReadQueued& read, const std::vector<InstanceRow>& rows);
  void answer(const ReadDue& read, const std::vector<DueRow>& rows);
  /// For each row that there is.
  void answer(const ReadRows& read, const InstanceRow& row);
  void answer(const ReadNames& read, const Names& names);
  /// One error for each row that has one.
  void answer(const ReadParked& read, const std::vector<InstanceRow>& rows,
              const std::vector<std::optional<ErrorRecord>>& errors);
  /// Not all that was asked for, but the first of it.
  void answer(const ReadOutputs& read, std::vector<StepOutput> outputs, Time now);
  /// One for each id, be there none. No answer: nothing of that batch begins before it is created.
  void answer(const ReadTaken& read, const std::vector<bool>& taken, Time now);
  /// The store could not answer: it is asked again later, and nothing else begins meanwhile, unless that was
  /// for the health alone.
  void failed(const Read& read, const Error& error, Time now);

  /// Gives free slots to those that wait.
  void pump(Time now);
  /// Whether another turn has something to do although no input comes: `next_time` says the rest.
  [[nodiscard]] bool wants_turn() const;

  /// Closes the group of changes that are to be made durable together. Unless it is empty, `committed` or
  /// `failed` must follow before the next one.
  std::span<const Change> take_group();
  /// The group that was taken last, until its report. May be read while results of bodies are taken.
  [[nodiscard]] std::span<const Change> group() const noexcept { return writing_.changes; }
  /// Changes that the next group has already.
  [[nodiscard]] std::size_t prepared() const noexcept { return group_.changes.size(); }
  /// Whether so many have begun since the last group was taken, or one has done so much, that there is more
  /// to do in the next turn; or a slot has come free for which nobody was asked.
  [[nodiscard]] bool turn_is_full() const noexcept {
    return budget_.is_spent() || slot_came_free_ || somebody_rests() || parked_read_in_ == turn_ ||
           rows_read_in_ == turn_;
  }
  void committed(std::span<const Outcome> outcomes, Time now);
  void failed(const Error& error, Time now);

  /// What `take_actions` gives.
  [[nodiscard]] const Actions& actions() const noexcept { return actions_; }
  [[nodiscard]] Actions take_actions() { return std::exchange(actions_, {}); }

  /// After a fault inside: whom to tell that nothing comes any more, or what was decided before it, and which
  /// bodies to ask to stop. Replies that are still owed are destroyed. No other call may follow but the
  /// questions below.
  [[nodiscard]] Actions abandon() noexcept;

  /// When `Tick` is wanted next; nothing: only other inputs matter.
  [[nodiscard]] std::optional<Time> next_time() const;
  /// The same by the clock that never leaps: when a body may have passed its timeout, or the store is to be
  /// asked again.
  [[nodiscard]] std::optional<Duration> next_uptime() const;
  /// Why the store is of no use at present; nothing when it worked the last time.
  [[nodiscard]] const std::optional<Outage>& outage() const noexcept { return store_.current(); }
  /// Which instances somebody has to look after, for the health; nothing when that is what it was the last
  /// time.
  [[nodiscard]] std::optional<std::vector<Complaint>> take_complaints() {
    return concerns_.take_complaints();
  }
  /// Bodies that run or are about to.
  [[nodiscard]] std::size_t bodies() const noexcept { return bodies_; }
  /// Bodies that are due and wait for a place among them.
  [[nodiscard]] std::size_t unplaced() const noexcept { return unplaced_; }
  /// Slots that are taken.
  [[nodiscard]] std::size_t running() const noexcept { return scheduler_.taken(); }
  /// Steps whose bodies run, for the log of a stop that does not come to rest.
  [[nodiscard]] std::vector<std::string> running_steps() const;
  [[nodiscard]] std::size_t residents() const noexcept { return residents_.size(); }
  /// Callers that wait for the end of an instance.
  [[nodiscard]] std::size_t watchers() const noexcept { return watchers_.size(); }

 private:
  /// What to do when a change of the group has its outcome.
  struct Ticket {
    Reply reply = {};  // of an intake
    Key key = 0;       // of an `Advance`, which is of this stay and workflow, or of a `Control`
    Residency residency = 0;
    std::int64_t workflow = 0;
    std::vector<Sequence> flights = {};     // bodies that the change lets start
    std::unique_ptr<Arrival> arrival = {};  // the event that the change delivers
    std::string id = {};                    // of the instance that it parks
  };

  /// Changes that become durable together, each with what is to be done then.
  struct Group {
    std::vector<Change> changes = {};
    std::vector<Ticket> tickets = {};
  };

  // Whoever has spent its share, and in which turn.
  struct Rest {
    Key key = 0;
    Residency residency = 0;
    std::uint64_t turn = 0;
  };

  // conductor/intake.cpp
  void handle(Intake& intake, Time now);
  void handle(Register& added, Time now);
  void handle(Watch& watch, Time now);
  void handle(Unwatch& unwatch, Time now);
  void handle(BodyDone& done, Time now);
  void handle(Lend& lend, Time now);
  void handle(TakeBack& back, Time now);
  void handle(Begin& begin, Time now);
  void handle(Halt& halt, Time now);
  void handle(Tick& tick, Time now);
  void halt(Time now);
  void push(Change change, Ticket ticket);

  // conductor/creating.cpp
  [[nodiscard]] CreateBatch& batch_of_group(std::size_t change);
  [[nodiscard]] bool may_begin_created(const CreateBatch& batch);
  void note_ids_of_group();
  void ask_for_ids(std::size_t change, std::size_t first);
  void begin_created(std::size_t change, std::size_t row, Time now);
  void committed(const CreateBatch& batch, const Created& created);

  // conductor/control.cpp
  void control(Control control, Reply reply, Time now);
  void pause(Resident& resident, Time now);
  void resume(Resident& resident, Time now);
  void discard_run(Resident& resident);

  // conductor/clock.cpp
  void move_clock(const MoveClock& move);
  void write_moves();
  void move_unrecorded(std::size_t first, const MoveClock& move);
  void confirm_clock(Reply reply);
  void committed(const MoveClock& move, Time now);
  void failed(const MoveClock& move, const Reply& reply, const Error& error);

  // conductor/shares.cpp
  [[nodiscard]] bool may_begin() const noexcept;
  [[nodiscard]] bool somebody_rests() const noexcept;
  void rest(Resident& resident);
  void go_on(Time now);
  void go_on(Resident& resident, Time now);
  void ask_for(Resident& resident, const Frames::Missing& missing);
  [[nodiscard]] bool must_give_way(const Resident& resident) const;
  void give_way(Resident& resident, Time now);

  // conductor/events.cpp
  void send(SendEvent& event, Reply& reply, Time now);
  Resident* recipient(const SendEvent& event, Time now);
  bool can_go_straight(Resident* resident, const SendEvent& event, Time now) const;
  void send_straight(Resident& resident, SendEvent& event, Reply& reply, Time now);
  void write_event(SendEvent event, Reply reply);
  static std::unique_ptr<Arrival> take_arrival(Resident& resident, Advance& advance);
  void keep_undelivered(Resident& resident);
  void committed(Arrival& arrival, const Advance& advance, const Advanced& advanced, std::int64_t workflow);
  void committed(const SendEvent& event, const Sent& sent, Time now);

  // conductor/undefined.cpp: what nobody can run here is found without a slot
  void note_undefined(const InstanceRow& row);
  void note_versions(const std::vector<VersionRow>& rows);
  [[nodiscard]] bool may_be_undefined(std::int64_t workflow) const;
  [[nodiscard]] std::optional<LaneId> lane_that_wants_rows() const;
  void ask_for_rows();

  // conductor/conductor.cpp: whose turn it is
  void take_slot(Resident& resident);
  void release_slot(Resident& resident);
  void begin(LaneId lane, Key key, Time now);
  LaneId stop_loading(Key key);
  void enqueue(LaneId lane, Key key);
  void enqueue(std::int64_t workflow, Key key) { enqueue(scheduler_.lane_of(workflow), key); }

  // conductor/answers.cpp
  void ask_for_parked();
  Resident* admit(History history, const Registry::Entry& entry);
  void park(const InstanceRow& row, const Error& damage);
  bool hold_back_suspect(Resident& resident);

  // conductor/residents.cpp
  Resident* find(Key key);
  Resident* find(Key key, Residency residency);
  void wake(Resident& resident, Time now);
  void condemn(Resident& resident);
  void ask_to_stop(Resident& resident);
  void retire(Resident& resident);
  void erase(Resident& resident);

  // conductor/times.cpp: what wakes residents, and which of them leave
  void set_alarm(Resident& resident);
  void set_idle(Resident& resident, Time now);
  void ring_alarms(Time now);
  void leave_idle(Resident& resident);
  void evict(Time now);

  // conductor/settle.cpp: one instance goes on
  void settle(Resident& resident, Advance advance, Time now);
  bool progress(Resident& resident, Advance& advance, Share& share, Time now);
  void begin_what_may(Resident& resident, Advance& advance, Time now);
  bool run_frames(Resident& resident, Share& share);
  bool record_interrupted(Resident& resident, Advance& advance, Share& share, Time now);
  void add_starts(Resident& resident, Advance& advance, Time now);
  void tell_doubt(const Resident& resident, const std::string& doubt, Time now);
  bool add_due_attempts(Resident& resident, Advance& advance, Share& share, Time now);
  std::optional<StepResult> deliver(Resident& resident, const Delivery& next, Time now);
  StepResult end_step(Resident& resident, const OpenStep& step, detail::Resolution resolution, Time at);
  StepResult fail_attempt(Resident& resident, OpenStep& step, ErrorRecord error, bool retryable, Time at);
  void conclude(Resident& resident, Advance& advance, Time now);
  void body_done(Resident& resident, BodyDone& done, Time now);
  void record_alone(Resident& resident, StepResult result);
  void emit(Resident& resident, Advance advance);

  // conductor/bodies.cpp: from the record of an attempt to its return
  [[nodiscard]] Duration uptime() const { return options_.uptime ? options_.uptime() : Duration{}; }
  void add_flight(Resident& resident, OpenStep& step);
  void begin_attempt(Resident& resident, OpenStep& step, Advance& advance, Time now);
  std::pair<Resident*, Flight*> find_flight(Key key, Residency residency, Sequence started_seq);
  [[nodiscard]] bool has_place(const OpenStep& step) const;
  void wait_for_place(Resident& resident, OpenStep& step);
  void begin_unplaced(Time now);
  void forget_unplaced(Resident& resident);
  void dispatch(Key key, Residency residency, Sequence started_seq, Time now);
  void ring_deadlines(Time now);
  std::optional<Flight> drop_flight(Resident& resident, Sequence started_seq);
  void take_result(Resident& resident, StepResult result, Time now);
  void withdraw(Resident& resident, Sequence started_seq, Time now);
  void call_off(Key key, Residency residency, Time now);

  // conductor/lending.cpp: bodies that wait for other instances
  void lend_slot(Resident& resident);
  void take_place_back(Resident& resident, Flight& flight);
  void want_slot_back(Resident& resident);
  void regain_slot(Resident& resident);
  void go_on_with_slot(Resident& resident, Time now);
  void come_back(Key key, Time now);
  void give_slots_back(Time now);

  // conductor/starved.cpp
  void begin_anew(Resident& resident, Advance advance, Time now);
  void forget_starvation(const Resident& resident);
  bool has_starved_enough(Key key) const;

  // conductor/commit.cpp
  void committed(const Control& control, const Controlled& controlled, Time now);
  void committed(const Advance& advance, const Advanced& advanced, const Ticket& ticket, Time now);
  void keep_behind_turn(const Reply& reply);
  void notify(Key key, const std::exception_ptr& error, const detail::Ended& ended);
  void tell(Watch& watch, const std::exception_ptr& error, const detail::Ended& ended);

  void begin_deferred();
  void failed(Group group, const Error& error, std::size_t first_unrecorded);
  void doubt(const Change& change, const Ticket& ticket);
  void doubt(Resident& resident);
  bool write_again();
  bool write_unrecorded();
  void try_later(StoreOutage::Call call, const Error& error, Time now);
  void log(LogLevel level, std::string text) { actions_.log.push_back({level, std::move(text)}); }
  void log(std::optional<LogLine> line);

  ConductorOptions options_;
  Registry registry_;
  Scheduler scheduler_;
  Suspects suspects_;
  TurnBudget budget_;
  RightOfWay right_of_way_;
  std::unordered_map<Key, Resident> residents_;
  std::map<Key, LaneId> loading_;  // hold a slot of that lane while their history is read
  std::set<std::pair<Time, Key>> alarms_;
  std::set<std::tuple<Duration, Key, Sequence>> deadlines_;  // by uptime: bodies that may have timed out then
  Places places_;
  IdleList idle_;  // waiting residents, longest first
  std::size_t idle_bytes_ = 0;
  TimerWindow timers_;
  std::multimap<Key, Watch> watchers_;
  std::unordered_map<Key, History> foreseen_;     // of the events that are taken next
  std::unordered_set<Key> changed_;               // by requests and events of the group that is put together
  std::unordered_set<Key> left_;                  // left memory while a change of theirs may be in the group
  std::vector<std::pair<LaneId, Key>> deferred_;  // to begin once it is durable
  std::map<Key, int> starved_;                    // how often in a row their code has found no memory
  Concerns concerns_;
  std::uint64_t parked_read_in_ = 0;  // the turn in which the store was asked which are parked
  std::map<std::int64_t, std::vector<std::int64_t>> versions_;  // of each workflow, as this life found them
  std::uint64_t rows_read_in_ = 0;                              // the turn in which it was asked for rows

  std::vector<Read> reads_;
  Group group_;  // that is being put together
  // The chosen ids that stand in it, by workflow, and the rows whose ids stand there before; of its first
  // `noted_` changes.
  std::unordered_map<std::int64_t, std::unordered_set<std::string_view>> ids_of_group_;
  std::unordered_set<const NewRow*> come_second_;
  std::size_t noted_ = 0;
  Group writing_;  // that was taken, and has no report yet
  Actions actions_;
  std::vector<Advance> unrecorded_;  // results of bodies whose commit failed
  std::optional<ClockLeaps> leaps_;
  std::vector<MoveClock> unwritten_moves_;  // that no group has yet
  std::size_t pending_moves_ = 0;           // that are not known to be written
  StoreOutage store_;

  Key next_key_;
  Residency next_residency_ = 1;
  bool slot_came_free_ = false;  // since the queues were last asked for somebody to begin
  std::size_t bodies_ = 0;
  std::size_t unplaced_ = 0;
  std::uint64_t turn_ = 1;
  std::deque<Rest> resting_;        // in their order
  std::uint64_t page_read_in_ = 0;  // the turn in which results were asked for that had been left out
  bool begun_ = false;
  bool halting_ = false;
  bool timers_held_ = false;  // so many are woken that no more are read
};

}  // namespace cairn::engine
