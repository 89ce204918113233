#include "tests/engine/harness.hpp"

#include "tests/engine/execution.hpp"

#include <algorithm>
#include <stdexcept>

namespace cairn::testing {

namespace {

constexpr Retention retention{.success = 720h, .error = 720h};

// No test of these takes as many rounds; what does, does not end.
constexpr int rounds_max = 200'000;

std::string with_counter(const StepRow& step) {
  return step.name + "-" + std::to_string(step.count);
}

}  // namespace

Harness::Harness(engine::ConductorOptions options) : options_(std::move(options)) {
  if (!options_.uptime) options_.uptime = [this] { return uptime_; };
  make_conductor();
}

void Harness::make_conductor() {
  conductor_ = std::make_unique<engine::Conductor>(
      options_, store_.ownership().next_key,
      engine::ClockLeaps{store_.ownership(), {now_, uptime_}, Time::min()});
}

// ------------------------------------------------------------------------------------------------
// definitions

void Harness::add(std::shared_ptr<detail::Definition> definition) {
  const auto define = [&](const std::string& tag) {
    const Define change{.name = definition->name,
                        .version = tag,
                        .workflow_id = "workflow-" + definition->name,
                        .version_id = "version-" + definition->name + "-" + tag};
    return std::get<Defined>(store_.apply_plain(change, now_));
  };
  const Defined defined = define(definition->options.version);
  definition->workflow = defined.workflow;
  definition->version = defined.version;
  definition->workflow_id = defined.workflow_id;
  definition->version_id = defined.version_id;
  std::vector<std::int64_t> versions{defined.version};
  for (const std::string& tag : definition->options.adopts) versions.push_back(define(tag).version);
  std::erase_if(entries_, [&](const Entry& entry) { return entry.first->version == defined.version; });
  entries_.emplace_back(definition, versions);
  give({engine::Register{definition, versions}});
}

const detail::Definition& Harness::newest(const std::string& workflow) const {
  const auto found = std::find_if(entries_.rbegin(), entries_.rend(),
                                  [&](const Entry& entry) { return entry.first->name == workflow; });
  if (found == entries_.rend()) throw std::invalid_argument{"no workflow " + workflow};
  return *found->first;
}

void Harness::forget(const std::string& workflow) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.first->name == workflow; });
}

// ---------------------------------------------------------------------------------------------------
// requests

template <class Result>
Result Harness::call(Change change) {
  std::optional<Outcome> outcome;
  std::optional<Error> failure;
  engine::Reply reply;
  reply.done = [&](const Change&, const Outcome& answer) {
    EXPECT_FALSE(outcome || failure) << "answered twice";
    outcome = answer;
  };
  reply.failed = [&](const Error& error) {
    EXPECT_FALSE(outcome || failure) << "answered twice";
    failure = error;
  };
  give({engine::Intake{std::move(change), std::move(reply)}});
  if (failure) throw *failure;
  if (!outcome) return {};
  return std::get<Result>(*outcome);
}

engine::Input Harness::create_input(const std::string& workflow, const std::string& id) {
  const detail::Definition& definition = newest(workflow);
  CreateBatch batch{.workflow = definition.workflow, .version = definition.version};
  batch.rows.push_back({.id = id, .params = "{}", .retention = retention});
  return engine::Intake{std::move(batch)};
}

Key Harness::create(const std::string& workflow, const std::string& id, const std::string& params) {
  const detail::Definition& definition = newest(workflow);
  CreateBatch batch{.workflow = definition.workflow, .version = definition.version};
  const std::string name = id.empty() ? "i-" + std::to_string(next_id_++) : id;
  batch.rows.push_back({.id = name, .params = params, .retention = retention});
  call<Created>(std::move(batch));
  const auto row = store_.plain().find(definition.workflow, name);
  return row ? row->key : 0;
}

std::vector<Key> Harness::create_many(const std::string& workflow, std::size_t count) {
  const detail::Definition& definition = newest(workflow);
  CreateBatch batch{.workflow = definition.workflow, .version = definition.version};
  const Key first = store_.ownership().next_key;
  std::vector<Key> keys;
  for (std::size_t i = 0; i < count; ++i) {
    batch.rows.push_back({.id = "i-" + std::to_string(next_id_++), .params = "{}", .retention = retention});
    keys.push_back(first + static_cast<Key>(i));
  }
  call<Created>(std::move(batch));
  return keys;
}

engine::Input Harness::control_input(Key key, Command command) const {
  Control control{.key = key, .command = command};
  const auto row = store_.plain().row(key);
  for (const Entry& entry : entries_) {
    if (row && entry.first->workflow == row->workflow) control.version = entry.first->version;
  }
  return engine::Intake{control};
}

Controlled Harness::control(Key key, Command command) {
  return call<Controlled>(std::get<engine::Intake>(control_input(key, command)).change);
}

engine::Input Harness::event_input(Key key, const std::string& type, const std::string& payload) {
  return engine::Intake{SendEvent{.key = key, .type = type, .payload = payload, .buffered_max = 100}};
}

Sent Harness::send(Key key, const std::string& type, const std::string& payload) {
  return call<Sent>(std::get<engine::Intake>(event_input(key, type, payload)).change);
}

void Harness::watch(Key key, std::optional<detail::Ended>& ended) {
  give({engine::Watch{key, [&ended](std::exception_ptr error, detail::Ended how) {
                        EXPECT_FALSE(ended) << "told twice";
                        if (!error) ended = std::move(how);
                      }}});
}

bool Harness::turn(std::vector<engine::Input> inputs) {
  for (const engine::Input& input : inputs) {
    if (std::holds_alternative<engine::BodyDone>(input)) --returned_;
    if (std::holds_alternative<engine::Begin>(input)) begun_ = true;
  }
  try {
    engine::Committer::Turn turn = take(std::move(inputs));
    perform(std::move(turn.actions));
    return turn.more;
  } catch (const Crash&) {
    crash();
    crashed_ = true;
    return false;
  }
}

engine::Committer::Turn Harness::take(std::vector<engine::Input> inputs) {
  engine::Committer committer{store_, *conductor_};
  if (!overlaps_) return committer.take(std::move(inputs), {now_, uptime_});
  std::vector<engine::BodyDone> results;
  std::vector<engine::Input> others;
  for (engine::Input& input : inputs) {
    if (auto* result = std::get_if<engine::BodyDone>(&input)) {
      results.push_back(std::move(*result));
    } else {
      others.push_back(std::move(input));
    }
  }
  if (committer.prepare(others, {now_, uptime_})) {
    const Time begin = now_;
    committer.write(begin);
    leap(std::exchange(leap_in_write_, Duration{0}));
    committer.listen(std::move(results), {now_, uptime_});
    committer.report(begin);
    return committer.finish();
  }
  return committer.take({std::make_move_iterator(results.begin()), std::make_move_iterator(results.end())},
                        {now_, uptime_});
}

void Harness::give(std::vector<engine::Input> inputs) {
  bool more = turn(std::move(inputs));
  for (int rounds = 0; more; ++rounds) {
    if (rounds > rounds_max) throw std::logic_error{"the conductor does not come to rest"};
    more = turn();
  }
  check_counts();
}

// --------------------------------------------------------------------------------------------- bodies and
// time

void Harness::perform(engine::Actions actions) {
  for (engine::RunBody& body : actions.bodies) {
    check_start(body);
    if (!waiting_) static_cast<void>(body.launch->begin(present()));
    bodies_.push_back(std::move(body));
  }
  const std::size_t called_off = std::erase_if(
      bodies_, [](const engine::RunBody& body) { return body.launch->is_called_off(); });
  EXPECT_EQ(called_off, actions.called_off);
  actions.granted.clear();
  for (std::stop_source& stop : actions.stops) stop.request_stop();
  for (engine::Notify& notify : actions.notifications) {
    notify.callback(notify.error, std::move(notify.ended));
  }
  for (engine::LogLine& line : actions.log) log_.push_back(std::move(line.text));
}

void Harness::check_start(const engine::RunBody& body) const {
  const std::optional<History> record = store_.plain().history(body.key);
  ASSERT_TRUE(record) << "a body of an instance that is not there";
  const auto step = std::ranges::find(record->steps, body.started_seq, &StepRow::started_seq);
  ASSERT_NE(step, record->steps.end()) << body.step() << " begins before it is recorded";
  EXPECT_EQ(with_counter(*step), body.step());
  EXPECT_EQ(step->attempt, body.attempt) << body.step();
  EXPECT_FALSE(step->ended_seq) << body.step() << " begins although its result is recorded";
  EXPECT_FALSE(step->due) << body.step() << " begins before its attempt is recorded";
  for (const engine::RunBody& other : bodies_) {
    if (other.key != body.key) continue;
    EXPECT_EQ(other.residency, body.residency) << "a second frame tree beside the first";
    EXPECT_NE(other.started_seq, body.started_seq) << "two attempts overlap";
  }
}

engine::Input Harness::run(std::deque<engine::RunBody>::iterator held) {
  if (held == bodies_.end()) throw std::logic_error{"no such body is held"};
  const engine::RunBody body = std::move(*held);
  bodies_.erase(held);
  ++returned_;
  journal_.push_back(row(body.key).id + "/" + body.step() + "#" + std::to_string(body.attempt));
  const auto execution = std::make_shared<Execution>(body, present());
  body.body->start(execution);
  return engine::BodyDone{.key = body.key,
                          .residency = body.residency,
                          .started_seq = body.started_seq,
                          .result = execution->take()};
}

engine::Input Harness::take_result() {
  return run(bodies_.begin());
}

engine::Input Harness::take_result(std::string_view step) {
  return run(std::ranges::find(bodies_, step, &engine::RunBody::step));
}

engine::Input Harness::take_result(Key key) {
  return run(std::ranges::find(bodies_, key, &engine::RunBody::key));
}

bool Harness::begin_body(std::string_view step) {
  const auto held = std::ranges::find(bodies_, step, &engine::RunBody::step);
  if (held == bodies_.end()) throw std::logic_error{"no such body is held"};
  return held->launch->begin(present());
}

void Harness::run_bodies() {
  for (int rounds = 0; !bodies_.empty(); ++rounds) {
    if (rounds > rounds_max) throw std::logic_error{"bodies without end"};
    run_body();
  }
}

void Harness::finish(Duration limit) {
  const Time until = now_ + limit;
  for (int rounds = 0; rounds < rounds_max; ++rounds) {
    run_bodies();
    const std::vector<InstanceRow> rows = store_.plain().list({.limit = 1'000'000});
    const bool rest = std::ranges::all_of(rows, [](const InstanceRow& instance) {
      return is_finished(instance.status) || instance.status == Status::paused;
    });
    const std::optional<Time> next = next_time();
    if (rest || !next || *next > until) return;
    move_to(std::max(now_, *next));
  }
  throw std::logic_error{"it does not finish"};
}

std::optional<Time> Harness::next_time() const {
  const std::optional<Time> time = conductor_->next_time();
  const std::optional<Duration> uptime = conductor_->next_uptime();
  if (!uptime) return time;
  const Time by_uptime = now_ + (*uptime - uptime_);
  return time ? std::min(*time, by_uptime) : by_uptime;
}

void Harness::pass(Duration duration) {
  now_ += duration;
  uptime_ += duration;
}

void Harness::move(Duration duration) {
  pass(duration);
  give({engine::Tick{}});
}

void Harness::move_to(Time time) {
  pass(time - now_);
  give({engine::Tick{}});
}

void Harness::crash() {
  crash_before_begin();
  if (begun_) begin();
}

void Harness::crash_before_begin() {
  bodies_.clear();
  returned_ = 0;
  conductor_.reset();
  store_.begin_epoch();
  make_conductor();
  for (const auto& [definition, versions] : entries_) give({engine::Register{definition, versions}});
}

// ----------------------------------------------------------------------------------------------------
// looking

StepRow Harness::step(Key key, std::string_view name) const {
  for (const StepRow& row : history(key).steps) {
    if (with_counter(row) == name) return row;
  }
  throw std::invalid_argument{"no step " + std::string{name}};
}

std::vector<std::string> Harness::ids() const {
  std::vector<std::string> found;
  for (const InstanceRow& instance : store_.plain().list({.newest_first = false, .limit = 1'000'000})) {
    found.push_back(instance.id);
  }
  return found;
}

std::size_t Harness::ran(const std::string& entry) const {
  return static_cast<std::size_t>(std::ranges::count(journal_, entry));
}

void Harness::check_counts() const {
  EXPECT_EQ(conductor_->bodies(), bodies_.size() + returned_);
}

void Harness::expect_at_rest() {
  run_bodies();
  EXPECT_EQ(conductor_->bodies(), 0U);
  EXPECT_EQ(conductor_->running(), 0U) << "slots that nobody holds are taken";
}

Task<int> two_steps(Context& ctx) {
  int a = co_await ctx.step("a", [] { return 1; });
  int b = co_await ctx.step("b", [] { return 2; });
  co_return a + b;
}

}  // namespace cairn::testing
