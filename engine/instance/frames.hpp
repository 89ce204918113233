#pragma once

#include "engine/scheduler/share.hpp"

#include <cairn/context.hpp>
#include <cairn/detail/frame_tree.hpp>
#include <cairn/limits.hpp>
#include <cairn/store.hpp>
#include <cairn/workflow.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cairn::engine {

/// A step that has begun and not ended.
struct OpenStep {
  Sequence started_seq = 0;
  StepKind kind = StepKind::step;
  std::string name = {};
  std::int32_t count = 1;
  StepOptions options = {};  // as recorded at the first start
  std::string event_type = {};
  std::int32_t attempt = 1;  // the current or last one; 0: none has begun
  std::int32_t crashes = 0;
  std::optional<Time> due = std::nullopt;  // as recorded: less the paused time, unless fixed
  bool due_fixed = false;
  bool moves = true;                 // `due` moves when the wall clock is set, unless fixed
  bool in_flight = false;            // the attempt has begun and not ended
  bool unplaced = false;             // it is due, and waits for a place among the bodies in flight
  detail::StepCall* call = nullptr;  // the awaiting frame's, once it has asked

  /// Until that time, by the present clock.
  void wait_until(Time time) {
    due = time;
    moves = true;
  }
};

/// The coroutine frames of one resident instance, run and replayed in the recorded order.
///
/// The record is a list of starts and ends in their order. Replay delivers an end when everything before it
/// has been asked for or delivered, so that parallel branches take their turns, and their names, as they did
/// the first time. For the same reason an end is delivered only when no frame is ready, and ends one after
/// the other: then it does not matter in how many pieces `run` was called, or whether a pause lay between.
/// One thread at a time; no clock, no store.
class Frames final : public detail::FrameTree {
 public:
  /// `strict`: the code is of the version that wrote the record, so a contradiction is a fault. Otherwise
  /// (adopted) recorded steps may be left out and new ones inserted.
  Frames(std::shared_ptr<const detail::Definition> definition, const InstanceInfo& info, History&& history,
         const Limits& limits, bool strict);
  ~Frames() override;

  bool request(detail::StepCall& call) override;
  void contradict(std::string_view what, const std::string& recorded, std::string_view type) override;

  /// Runs every frame that is ready, delivers what is recorded, and then what has ended since, until nothing
  /// moves or the share is spent; gives what is left of it. What was asked for anew is in `take_started`.
  Share run(Share share);
  /// Recorded results, by the numbers of their steps: what replay delivers next was left out when the record
  /// was read, and maybe what comes behind it.
  struct Missing {
    Sequence first = 0;
    Sequence last = 0;
  };
  /// What nothing moves without.
  [[nodiscard]] std::optional<Missing> missing() const;
  /// What was read of it. The first one that is missing is among them, or the record is damaged.
  void supply(std::vector<StepOutput> outputs);

  /// Whether nothing moves any more before another step ends.
  [[nodiscard]] bool at_rest() const;
  /// Whether nothing more is run: the code contradicts the record, has failed at a limit, or found no memory.
  [[nodiscard]] bool stopped() const noexcept { return contradiction_ || failure_ || starved(); }
  /// Whether the code has come to the end of its record. What it has asked for anew before that may turn out
  /// to contradict the record: it must not begin.
  [[nodiscard]] bool replayed() const noexcept {
    return came_to_rest_ || (unasked_ == 0 && asked_ends_.empty());
  }

  /// Ends an open step: gives the number of the delivery. `run` makes its frame go on, when it comes to it.
  Sequence end(Sequence started_seq, detail::Resolution resolution);

  /// Ends an open step in the record alone: no frame goes on with it.
  Sequence close(Sequence started_seq);

  /// Whether the code can read what an open step is about to be given. If not, it contradicts it.
  [[nodiscard]] bool accepts(Sequence started_seq, const detail::Resolution& resolution);

  /// Steps that were asked for since the last call and are not recorded yet, in order.
  [[nodiscard]] std::vector<Sequence> take_started();

  [[nodiscard]] bool finished() const;
  /// The output, or what the workflow function threw. Once, after `finished`.
  [[nodiscard]] detail::Resolution result();
  /// Whether a frame has ended because it found no memory. Then nothing more is run: what the others would do
  /// now, they would not do before that frame has gone on.
  [[nodiscard]] bool starved() const noexcept { return lacks_memory_ && !endures_; }
  /// From now on such an end is one like any other, or no longer so.
  void endure(bool endures) noexcept {
    endures_ = endures;
    lacks_memory_ = false;
  }
  /// How the code contradicts the record, if it does. Then nothing more is run.
  [[nodiscard]] const std::optional<ErrorRecord>& contradiction() const noexcept { return contradiction_; }
  /// What ends the run although its code has not ended. Then nothing more is run, so that no code catches it.
  [[nodiscard]] const std::optional<ErrorRecord>& failure() const noexcept { return failure_; }

  /// A step of adopting code that was in all likelihood inserted under a name that the record has: then one
  /// before it was given the record of another.
  struct Doubt {
    Sequence started_seq = 0;
    std::string text = {};
  };
  [[nodiscard]] const std::optional<Doubt>& doubt() const noexcept { return doubt_; }
  /// What adopting code has never asked for; empty: nothing.
  [[nodiscard]] std::string left_out() const;

  [[nodiscard]] bool strict() const noexcept { return strict_; }
  /// Of params and results that the code was given.
  [[nodiscard]] std::size_t text_bytes() const noexcept { return text_bytes_; }
  [[nodiscard]] std::map<Sequence, OpenStep>& open() noexcept { return open_; }

 private:
  struct Name {
    StepKind kind;
    std::string text;
  };
  struct NameView {
    StepKind kind;
    std::string_view text;
  };
  // Of either, so that a name is found without a copy of its text.
  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(const auto& name) const noexcept {
      return std::hash<std::string_view>{}(name.text) + static_cast<std::size_t>(name.kind);
    }
  };
  struct NameEqual {
    using is_transparent = void;
    bool operator()(const auto& one, const auto& other) const noexcept {
      return one.kind == other.kind && one.text == other.text;
    }
  };

  // A step that has ended, and whose frame has not gone on yet.
  struct End {
    detail::StepCall* call = nullptr;
    std::int32_t count = 1;
    detail::Resolution resolution = {};
  };

  struct Recorded {
    Sequence started_seq = 0;
    std::optional<Sequence> ended_seq = {};
    detail::Resolution resolution = {};
    const Name* name = nullptr;
    std::int32_t count = 1;
    bool has_output = false;
    bool cut = false;  // it is still to be read
    bool asked = false;
    Recorded* next_use = nullptr;  // of the same name, with a greater count
  };

  // How often the code has used a name, and the recorded uses that it has not come to.
  struct Uses {
    std::int32_t asked = 0;
    Recorded* next = nullptr;
    Recorded* last = nullptr;
  };
  using Names = std::unordered_map<Name, Uses, NameHash, NameEqual>;

  // Recorded positions that replay has not reached. They leave nearly in their order.
  class Unseen {
   public:
    void reserve(std::size_t positions) { positions_.reserve(positions); }
    void add(Sequence seq) { positions_.push_back({seq, false}); }
    void sort();
    void consume(Sequence seq);
    [[nodiscard]] bool is_first(Sequence seq) const {
      return first_ < positions_.size() && positions_[first_].seq == seq;
    }
    /// Whether `next` is first once `seq` is consumed.
    [[nodiscard]] bool follows(Sequence seq, Sequence next) const noexcept;

   private:
    struct Position {
      Sequence seq;
      bool seen;
    };
    std::vector<Position> positions_;
    std::size_t first_ = 0;
  };

  // frames.cpp: the record, and requests
  void load(std::vector<StepRow> rows);
  void add_recorded(StepRow& row);
  void add_open(StepRow&& row);
  void check(const detail::StepCall& call) const;
  Names::value_type& find_name(StepKind kind, const std::string& text);
  static Recorded* take_use(Uses& uses);
  bool ask(detail::StepCall& call);
  bool ask(detail::StepCall& call, Uses& uses);
  bool fails_at_limit();
  bool replay(Recorded& recorded, detail::StepCall& call);
  void judge_insertion();
  void start_new(detail::StepCall& call, std::int32_t count);

  // frames_run.cpp
  void drain();
  [[nodiscard]] std::coroutine_handle<> take_ready();
  [[nodiscard]] bool may_deliver_recorded() const;
  bool deliver_next();
  void deliver_recorded();
  bool deliver_ended();
  void give(detail::StepCall& call, std::int32_t count, detail::Resolution resolution);
  bool accept(const detail::StepCall& call, std::int32_t count, const detail::Resolution& resolution);
  void come_to_rest();
  [[nodiscard]] std::string first_unasked() const;

  const std::shared_ptr<const detail::Definition> definition_;  // outlives the frames: they use the function
                                                                // it holds
  const Limits limits_;
  const bool strict_;
  Context context_;
  std::string params_;
  std::size_t text_bytes_;
  std::optional<Task<std::string>> root_;
  std::vector<Recorded> recorded_;  // by started_seq; stays as it was loaded, for it is pointed to
  Names names_;
  Unseen unseen_;
  std::map<Sequence, std::pair<Recorded*, detail::StepCall*>> asked_ends_;  // recorded ends whose frames wait
  std::deque<End> ended_;                                                   // in their order
  detail::StepCall* refused_ = nullptr;  // its frame goes on before all others, as if it had not been
                                         // suspended
  std::map<Sequence, OpenStep> open_;
  std::vector<Sequence> started_;
  std::size_t unasked_ = 0;     // recorded steps that were not asked for yet
  std::size_t operations_ = 0;  // that this run has asked for
  std::size_t steps_ = 0;       // of them; sleeps not counted
  Sequence next_seq_ = 1;
  Share share_{0};  // while frames run
  std::optional<ErrorRecord> contradiction_;
  std::optional<ErrorRecord> failure_;
  std::optional<Doubt> inserted_;  // the first step that may have been, until the record has been replayed
  std::optional<Doubt> doubt_;
  bool came_to_rest_ = false;
  bool endures_ = false;
};

/// The step's options as JSON text, as readers see them (`retries`, `timeout`), and back.
[[nodiscard]] std::string write_config(const StepOptions& options, const std::string& warning = {});
[[nodiscard]] StepOptions read_config(const std::string& config);
/// What is to be said of the step beside them.
[[nodiscard]] std::string read_warning(const std::string& config);

}  // namespace cairn::engine
