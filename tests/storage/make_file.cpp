// Makes a file that later versions must open: every status that an instance can have, every kind of row,
// and an audit trail.
// Usage: make_file FILE
//
// tests/storage/files/v1.cairn was made with it. The tests compare what today's code reads there with what is
// written in kept_file_test.cpp, so a file of a released version is never made anew. Until the first release:
//
//   rm -f tests/storage/files/v1.cairn && build/dev/tests/storage/make_file tests/storage/files/v1.cairn
//
// All times are told, not read from a clock, so the same code makes the same rows.

#include <cairn/open.hpp>
#include <cairn/store.hpp>

#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;

constexpr Time begin{1'767'225'600'000ms};  // 2026-01-01T00:00:00Z
constexpr const char* config =
    R"({"crash_limit":10,"retries":{"backoff":"linear","delay":60000,"limit":3},"timeout":600000})";

// The workflow is that of kept_file_test.cpp: charge, cool off, approval, ship.
class Maker {
 public:
  explicit Maker(Store& store) : store_{store} {}

  void make() {
    first_ = define("1", "9d0c0d5e-6f0b-4a38-8d7e-000000000001");
    make_fresh();
    make_underway();
    make_held_up();
    make_finished();
    second_ = define("2", "9d0c0d5e-6f0b-4a38-8d7e-000000000002");
    const Key restarted = create("restarted");
    fail_charge(restarted);
    control(restarted, Command::restart);
    // So that the next key and the next event are beyond every row.
    const Key swept = create("swept", {.success = 1ms, .error = 1ms});
    send(swept, "approved");
    control(swept, Command::terminate);
    apply<Swept>(Sweep{.limit = 10});
  }

 private:
  template <class Result, class One>
  Result apply(One change) {
    const std::vector<Change> group{std::move(change)};
    return std::get<Result>(store_.apply(group, now_ += 1s).at(0));
  }

  Defined define(const std::string& version, const std::string& version_id) {
    return apply<Defined>(Define{"orders", version, "1f6f5c1e-3a55-4b1b-9c57-0123456789ab", version_id});
  }

  Key create(const std::string& id, Retention retention = {}) {
    CreateBatch batch{
        .workflow = first_.workflow, .version = first_.version, .first_key = store_.ownership().next_key};
    batch.rows.push_back({id, R"({"cents":4200,"id":")" + id + "\"}", retention});
    if (!apply<Created>(batch).conflicts.empty()) throw std::runtime_error(id + " exists already");
    return batch.first_key;
  }

  void advance(Advance change) {
    const auto advanced = apply<Advanced>(std::move(change));
    if (!advanced.recorded || !advanced.continued) throw std::runtime_error("a change was refused");
  }

  void control(Key key, Command command, bool idle = true) {
    const auto controlled = apply<Controlled>(Control{key, command, idle, second_.version});
    if (controlled.refused) throw std::runtime_error("a request was refused");
  }

  void send(Key key, const std::string& type) {
    if (apply<Sent>(SendEvent{key, type, R"({"by":"ann"})", 10}).refused) {
      throw std::runtime_error("an event was refused");
    }
  }

  [[nodiscard]] Time next() const { return now_ + 1s; }

  void start_charge(Key key) {
    Advance change{.key = key, .enter = Cause::start};
    change.starts.push_back({.started_seq = 1, .name = "charge", .config = config, .at = next()});
    advance(change);
  }

  void fail_attempt(Key key, bool interrupted = false) {
    Advance change{.key = key};
    change.results.push_back({.started_seq = 1,
                              .retry_due = next() + (interrupted ? 0min : 1min),
                              .error = interrupted ? ErrorRecord{"WorkflowInternalError", "cut off"}
                                                   : ErrorRecord{"Error", "the bank is asleep"},
                              .interrupted = interrupted,
                              .at = next()});
    change.leave = Cause::wait;
    change.wake_at = change.results[0].retry_due;
    advance(change);
  }

  void second_attempt(Key key) {
    Advance change{.key = key, .enter = Cause::wake};
    change.attempts.push_back({.started_seq = 1, .attempt = 2, .at = next()});
    advance(change);
  }

  void fail_charge(Key key) {
    start_charge(key);
    Advance change{.key = key};
    change.results.push_back(
        {.started_seq = 1, .ended_seq = 2, .error = ErrorRecord{"Error", "no such card"}, .at = next()});
    change.leave = Cause::fail;
    change.error = change.results[0].error;
    advance(change);
  }

  // Charged; the sleep has begun.
  void cool_off(Key key) {
    start_charge(key);
    Advance change{.key = key};
    change.results.push_back({.started_seq = 1, .ended_seq = 2, .output = R"("charged")", .at = next()});
    change.starts.push_back({.started_seq = 3,
                             .kind = StepKind::sleep,
                             .name = "cool off",
                             .due = begin + 1h,
                             .due_fixed = true,
                             .at = next()});
    change.leave = Cause::wait;
    change.wake_at = begin + 1h;
    advance(change);
  }

  void await_approval(Key key) {
    cool_off(key);
    Advance change{.key = key, .enter = Cause::wake};
    change.results.push_back({.started_seq = 3, .ended_seq = 4, .at = next()});
    change.starts.push_back({.started_seq = 5,
                             .kind = StepKind::wait_for_event,
                             .name = "approval",
                             .event_type = "approved",
                             .due = begin + 48h,
                             .at = next()});
    change.leave = Cause::wait;
    change.wake_at = begin + 48h;
    advance(change);
  }

  void make_fresh() {
    create("queued", {.success = 1h});
    start_charge(create("running"));
    const Key cut_off = create("cut-off");
    start_charge(cut_off);
    fail_attempt(cut_off, true);
    second_attempt(cut_off);
  }

  void make_underway() {
    fail_attempt(started("retrying"));
    cool_off(create("sleeping"));
    await_approval(create("awaiting"));
    const Key buffering = create("buffering");
    cool_off(buffering);
    send(buffering, "approved");
    send(buffering, "cancelled");
  }

  void make_held_up() {
    const Key paused = create("paused");
    await_approval(paused);
    control(paused, Command::pause);
    const Key resumed = create("resumed-once");
    cool_off(resumed);
    control(resumed, Command::pause);
    control(resumed, Command::resume);
    control(started("pausing"), Command::pause, false);
    Advance change{.key = started("parked")};
    change.results.push_back({.started_seq = 1, .ended_seq = 2, .output = R"("charged")", .at = next()});
    change.leave = Cause::park;
    change.error = ErrorRecord{"NonDeterminism", "expected step \"charge\", found step \"pay\""};
    advance(change);
  }

  void make_finished() {
    const Retention kept{.success = 24h * 365 * 5, .error = 24h * 365 * 9};
    const Key complete = create("complete", kept);
    await_approval(complete);
    send(complete, "approved");
    Advance change{.key = complete, .enter = Cause::wake};
    change.results.push_back(
        {.started_seq = 5,
         .ended_seq = 6,
         .output = R"({"type":"approved","payload":{"by":"ann"},"timestamp":"2026-01-01T00:00:00.000Z"})",
         .event = 3,
         .at = next()});
    change.starts.push_back({.started_seq = 7, .name = "ship", .config = config, .at = next()});
    advance(change);
    Advance end{.key = complete};
    end.results.push_back({.started_seq = 7, .ended_seq = 8, .output = R"("shipped")", .at = next()});
    end.leave = Cause::complete;
    end.output = R"({"charge":"charged","parcel":"shipped"})";
    advance(end);
    fail_charge(create("errored", kept));
    const Key terminated = create("terminated");
    cool_off(terminated);
    control(terminated, Command::terminate);
  }

  Key started(const std::string& id) {
    const Key key = create(id);
    start_charge(key);
    return key;
  }

  Store& store_;
  Time now_ = begin;
  Defined first_;
  Defined second_;
};

void make_file(const std::filesystem::path& file) {
  if (std::filesystem::exists(file)) throw std::runtime_error(file.string() + " exists already");
  const std::unique_ptr<Store> store = open_sqlite(file, {.audit_trail = true});
  Maker{*store}.make();
}

}  // namespace
}  // namespace cairn::testing

int main(int argc, char** argv) {
  try {
    if (argc != 2) throw std::runtime_error("usage: make_file FILE");
    cairn::testing::make_file(argv[1]);
    std::filesystem::remove(std::string{argv[1]} + ".lock");
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "make_file: " << error.what() << '\n';
    return 1;
  }
}
