#pragma once

#include "engine/conductor/messages.hpp"
#include "tests/simulation/facts.hpp"
#include "tests/simulation/findings.hpp"
#include "tests/simulation/trace.hpp"

#include <cairn/store.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cairn::testing {

/// What somebody who called was told.
enum class Answer : std::uint8_t { none, ok, failed, unknown };

/// Those who call the engine, and their journal: what was asked for, and what they were told. `ok` must have
/// happened, `failed` must not, and whoever got no answer learns by asking again.
class Client {
 public:
  Client(Findings& findings, Statistics& statistics, Trace& trace)
      : findings_{findings}, statistics_{statistics}, trace_{trace} {}

  // ------------------------------------------------------------------------------------------------- calls

  /// The batch's rows get params of their own.
  [[nodiscard]] engine::Input create(CreateBatch batch, const std::vector<std::uint64_t>& programs,
                                     bool may_create);
  [[nodiscard]] engine::Input ask(Change change, Key key);
  [[nodiscard]] engine::Input watch(Key key);
  [[nodiscard]] std::optional<engine::Unwatch> unwatch();
  /// The machine has died: nobody gets an answer any more.
  void lose_answers();

  /// What became of the last call that `create` or `ask` made.
  [[nodiscard]] Answer last_answer() const { return calls_.back().answer; }
  /// Instances about which somebody was told `ok` since the last call.
  [[nodiscard]] std::vector<Key> take_answered() { return std::exchange(answered_, {}); }
  [[nodiscard]] bool anybody_watches() const { return !watches_.empty(); }

  // ------------------------------------------------------------------------------------------------ checks

  void begin_check() { found_.clear(); }
  /// An instance that is in the store: somebody must have asked for it.
  void look(const History& history);
  /// Every one that was promised must have been found, and every batch as a whole or not at all.
  void end_check(const Facts& facts);

 private:
  struct Call {
    Answer answer = Answer::none;
    Key key = 0;
    std::vector<std::int64_t> wishes = {};  // of a batch
  };
  /// One instance that was asked for.
  struct Wish {
    std::int64_t workflow = 0;
    std::string id = {};
    std::string params = {};
    const Call* call = nullptr;
    Key key = 0;            // once it is known
    bool conflict = false;  // it was left out, as the caller was told
  };

  Call& new_call(Key key);
  engine::Reply reply_of(Call& call);
  void answer(Call& call, Answer answer);
  void note_created(Call& call, const CreateBatch& batch, const Created& created);
  void check_batch(Call& call, const Facts& facts);

  Findings& findings_;
  Statistics& statistics_;
  Trace& trace_;
  std::deque<Call> calls_;
  std::map<std::int64_t, Wish> wishes_;
  std::map<std::int64_t, Key> found_;  // wishes, in the check that goes on
  std::map<std::pair<std::int64_t, std::string>, std::int64_t> found_ids_;  // and whose wish an id is
  std::vector<Key> answered_;
  std::map<std::uint64_t, Key> watches_;
  std::uint64_t last_watch_ = 0;
};

}  // namespace cairn::testing
