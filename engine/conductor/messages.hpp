#pragma once

#include "engine/instance/grant.hpp"
#include "engine/instance/launch.hpp"
#include "engine/instance/reply.hpp"
#include "engine/instance/residency.hpp"
#include "engine/scheduler/lane.hpp"

#include <cairn/detail/body.hpp>
#include <cairn/detail/core.hpp>
#include <cairn/error.hpp>
#include <cairn/log.hpp>
#include <cairn/store.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

namespace cairn::detail {
struct Definition;
}

/// What goes into the conductor, and what comes out of it: values, so that threads and tests can stand
/// between.
namespace cairn::engine {

// -----------------------------------------------------------------------------------------------------------
// inputs

/// A change that somebody asked for. Keys of a `CreateBatch` and `idle` of a `Control` are filled
/// in by the conductor.
struct Intake {
  Change change;
  Reply reply = {};
  std::shared_ptr<detail::Withdrawal> withdrawal = {};  ///< null: whoever asked stays with it
};

/// From now on this engine runs that definition, for the versions listed.
struct Register {
  std::shared_ptr<const detail::Definition> definition = {};
  std::vector<std::int64_t> versions = {};  ///< its own first, then those that it adopts
};

/// Tell when the instance has ended.
struct Watch {
  Key key = 0;
  detail::EndedCallback callback = {};
  std::uint64_t number = 0;  ///< by which an `Unwatch` finds it
  bool by_body = false;      ///< a body waits for it: it goes before instances that nobody waits for
};

/// Whoever watched gave up waiting: forget the callback.
struct Unwatch {
  Key key = 0;
  std::uint64_t number = 0;
};

/// A body has returned.
struct BodyDone {
  Key key = 0;
  Residency residency = 0;
  Sequence started_seq = 0;
  detail::BodyResult result = {};
};

/// A body waits for another instance. Until its `TakeBack` others may have its place among the bodies in
/// flight; and its instance's slot, while all bodies of that instance wait.
struct Lend {
  Key key = 0;
  Residency residency = 0;
  Sequence started_seq = 0;
  detail::WaitNumber wait = 0;
};

/// The body goes on when it has both back, ahead of whatever begins anew: then `granted` is destroyed. One
/// that is to end (`at_once`) has them back above the limits. It may come before its `Lend`, which does
/// nothing then, or without one, which was lost.
struct TakeBack {
  Key key = 0;
  Residency residency = 0;
  Sequence started_seq = 0;
  detail::WaitNumber wait = 0;
  bool at_once = false;
  std::shared_ptr<Grant> granted = {};
};

struct Begin {};  ///< run what is queued and due
struct Halt {};   ///< begin nothing more, and ask bodies to stop
struct Tick {};   ///< time has passed

using Input = std::variant<Intake, Register, Watch, Unwatch, BodyDone, Lend, TakeBack, Begin, Halt, Tick>;

// ----------------------------------------------------------------------------------------------------------
// actions

/// Start this body, on the step pool or on the loop of awaitable bodies; answered by `BodyDone`, unless its
/// launch is called off before it begins.
struct RunBody {
  Key key = 0;
  Residency residency = 0;
  Sequence started_seq = 0;
  std::int32_t run = 1;
  std::int32_t attempt = 1;
  std::string name = {};  ///< of the step, without its counter
  std::int32_t count = 1;
  std::shared_ptr<const detail::Definition> definition = {};
  std::shared_ptr<detail::Body> body = {};
  std::stop_source stop = {};
  std::shared_ptr<Launch> launch = {};

  // Put together when it is about to run: others wait for the thread that decides so.
  /// The step's name with its counter.
  [[nodiscard]] std::string step() const;
  [[nodiscard]] std::string idempotency_key() const;
};

/// Tell someone how an instance ended.
struct Notify {
  detail::EndedCallback callback = {};
  std::exception_ptr error = {};
  detail::Ended ended = {};
};

struct LogLine {
  LogLevel level = LogLevel::info;
  std::string text = {};
};

struct Actions {
  std::vector<RunBody> bodies = {};
  std::size_t called_off = 0;                        ///< launches: of these bodies no `BodyDone` comes
  std::vector<std::shared_ptr<Grant>> granted = {};  ///< to be destroyed
  std::vector<std::stop_source> stops = {};          ///< ask these bodies to stop
  std::vector<Notify> notifications = {};
  std::vector<std::shared_ptr<void>> answered = {};  ///< to be destroyed: what replies have kept until now
  std::vector<LogLine> log = {};
  /// After a fault: those who wait for an end that they are not told here any more, and what nobody has
  /// heard.
  std::multimap<Key, Watch> watchers = {};
  std::vector<Input> unheard = {};
  std::vector<Input> unheard_meanwhile = {};
};

/// What is wrong, and since when.
struct Outage {
  Time since = {};
  Errc code = Errc::store_failed;
  std::string message = {};
};

// ------------------------------------------------------------------------------------------------------------
// reads

/// What the conductor wants to know of the store before it goes on.
struct ReadHistory {
  Key key = 0;
};
struct ReadEnd {
  Key key = 0;
};
struct ReadQueued {
  LaneId lane = {};
  std::int64_t workflow = 0;
  Key after = 0;
  std::size_t limit = 0;
};
struct ReadDue {
  DueRow after = {};
  Time until = {};
  std::size_t limit = 0;
};
/// For the health: what the rows of instances say that are due and wait for a slot. Where they cannot be
/// read, that is found in their turn.
struct ReadRows {
  std::vector<Key> keys = {};
};
/// The workflows that the store knows, whether they are defined here or not.
struct ReadNames {};
/// With their versions.
struct Names {
  std::vector<WorkflowRow> workflows = {};
  std::vector<VersionRow> versions = {};
};
/// The next of the instances of a workflow that are paused, by key, and for which error they are parked.
struct ReadParked {
  std::int64_t workflow = 0;
  Key after = 0;
  std::size_t limit = 0;
};
/// Of rows of a batch that is in the group, whether their ids are taken: of those that somebody chose.
/// Perhaps of none, and then there is nothing to ask.
struct ReadTaken {
  std::size_t change = 0;          ///< the batch, by its place in the group
  std::size_t first = 0;           ///< of its rows
  std::size_t end = 0;             ///< behind the last
  std::vector<WantedId> ids = {};  ///< valid as long as the group is not taken
};
/// The next of those results that were left out when the record was read, because they are long together. The
/// instance rests meanwhile.
struct ReadOutputs {
  OutputRange range = {};
  Residency residency = 0;
};
using Read = std::variant<ReadHistory, ReadEnd, ReadQueued, ReadDue, ReadRows, ReadNames, ReadParked,
                          ReadTaken, ReadOutputs>;

}  // namespace cairn::engine
