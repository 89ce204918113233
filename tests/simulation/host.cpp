#include "tests/simulation/host.hpp"

#include "storage/sqlite/errors.hpp"
#include "storage/sqlite/store.hpp"
#include "tests/engine/execution.hpp"

#include <cairn/engine.hpp>

#include <algorithm>
#include <new>
#include <stdexcept>
#include <utility>

namespace cairn::testing {
namespace {

// No host takes so many turns without news from outside.
constexpr int turns_max = 10'000;

const StepRow* find_step(const std::optional<History>& history, Sequence started_seq) {
  if (!history) return nullptr;
  const auto found = std::ranges::find(history->steps, started_seq, &StepRow::started_seq);
  return found == history->steps.end() ? nullptr : &*found;
}

HostOptions with_clock(HostOptions options, const SimulatedClock& clock) {
  options.conductor.uptime = [&clock] { return clock.uptime; };
  return options;
}

}  // namespace

Host::Host(HostOptions options, SimulatedDisk& disk, SimulatedClock& clock, Audit& audit, Findings& findings,
           Trace& trace)
    : options_{with_clock(std::move(options), clock)},
      disk_{disk},
      clock_{clock},
      audit_{audit},
      findings_{findings},
      trace_{trace},
      workers_{options_.conductor.workers} {}

// ----------------------------------------------------------------------------------------------------- lives

void Host::open() {
  auto file = sqlite::translated("cannot open the file", [&] {
    return std::make_unique<sqlite::SqliteStore>(
        disk_.file(), sqlite::FileOptions{.sqlite = {.audit_trail = true},
                                          .vfs = disk_.vfs(),
                                          .checkpoint_bytes = options_.checkpoint_bytes,
                                          .page_bytes = options_.page_bytes,
                                          .background_checkpoints = false});
  });
  store_ = std::make_unique<AuditedStore>(std::move(file), audit_, [this] { return disk_.dead(); });
  {
    const SimulatedDisk::Quiet quiet{disk_};
    audit_.opened(*store_);
  }
  const Ownership owner = store_->ownership();
  const engine::ClockReading reading{clock_.now, clock_.uptime};
  clock_guard_ = std::make_unique<engine::ClockGuard>(reading, owner, Time::min(),
                                                      EngineOptions{}.longest_rest);
  conductor_ = std::make_unique<engine::Conductor>(options_.conductor, owner.next_key,
                                                   engine::ClockLeaps{owner, reading, Time::min()});
  committer_ = std::make_unique<engine::Committer>(*store_, *conductor_);
}

void Host::drop() {
  committer_.reset();
  conductor_.reset();
  inputs_.clear();
  bodies_.clear();
  lent_.clear();
  doubted_ = false;
  more_ = false;
  store_.reset();
}

std::shared_ptr<detail::Definition> Host::make_code(const std::string& name, WorkflowOptions options,
                                                    Author author) {
  auto definition = std::make_shared<detail::Definition>();
  definition->name = name;
  definition->options = std::move(options);
  const Interpreter function{this, author};
  definition->run = [function](Context& context, std::string_view params) {
    return detail::run_workflow<Params, std::string>(context, function, std::string{params});
  };
  return definition;
}

void Host::define(std::shared_ptr<detail::Definition> definition) {
  const auto versions = std::make_shared<std::vector<std::int64_t>>();
  const auto ask = [&](const std::string& tag) {
    engine::Reply reply;
    reply.done = [versions](Change&&, const Outcome& outcome) {
      versions->push_back(std::get<Defined>(outcome).version);
    };
    reply.failed = [](const Error&) {};
    give(engine::Intake{Define{.name = definition->name,
                               .version = tag,
                               .workflow_id = "w-" + definition->name,
                               .version_id = "v-" + definition->name + "-" + tag},
                        std::move(reply)});
    come_to_rest();
  };
  ask(definition->options.version);
  for (const std::string& tag : definition->options.adopts) {
    if (alive()) ask(tag);
  }
  if (!alive() || versions->size() != 1 + definition->options.adopts.size())
    throw Error{Errc::store_failed, "not defined"};
  definition->version = versions->front();
  const SimulatedDisk::Quiet quiet{disk_};
  for (const WorkflowRow& row : store_->workflows()) {
    if (row.name == definition->name) definition->workflow = row.workflow;
  }
  definition->workflow_id = "w-" + definition->name;
  give(engine::Register{std::move(definition), *versions});
  come_to_rest();
}

// ----------------------------------------------------------------------------------------------------- turns

void Host::give(engine::Input input) {
  inputs_.push_back(std::move(input));
}

bool Host::prepare() {
  more_ = false;
  clock_.pass(Duration{1});  // no two groups have the same time
  std::vector<engine::Input> inputs = std::exchange(inputs_, {});
  return committer_->prepare(inputs, {clock_.now, clock_.uptime});
}

void Host::hear(std::vector<engine::BodyDone> results) {
  committer_->listen(std::move(results), {clock_.now, clock_.uptime});
}

void Host::write() {
  committer_->write(clock_.now);
  if (disk_.dead()) drop();
}

void Host::finish() {
  committer_->report(clock_.now);
  engine::Committer::Turn turn = committer_->finish();
  more_ = turn.more;
  perform(std::move(turn.actions));
}

void Host::turn() {
  if (prepare()) write();
  if (alive()) finish();
}

void Host::come_to_rest() {
  for (int turns = 0; alive() && wants_turn() && !findings_.any(); ++turns) {
    findings_.require(turns < turns_max, "the conductor does not come to rest");
    turn();
  }
}

void Host::maintain(Demand demand) {
  try {
    static_cast<void>(committer_->maintain(demand));
  } catch (const Error& error) {
    findings_.require(error.code() == Errc::store_failed, "house-keeping failed with ", error.what());
  }
  if (disk_.dead()) drop();
}

void Host::perform(engine::Actions actions) {
  for (engine::RunBody& body : actions.bodies) {
    check_start(body);
    audit_.started(body.key, body.started_seq, body.attempt);
    trace_.note("  body", body.key, body.step(), body.attempt);
    bodies_.push_back(std::move(body));
  }
  forget_called_off(actions.called_off);
  actions.granted.clear();
  begin_bodies();
  for (std::stop_source& stop : actions.stops) stop.request_stop();
  for (engine::Notify& notify : actions.notifications) notify.callback(notify.error, std::move(notify.ended));
  for (const engine::LogLine& line : actions.log) trace_.note("  log", line.text);
}

// ---------------------------------------------------------------------------------------------------- bodies

void Host::forget_called_off(std::size_t called_off) {
  const std::size_t forgotten = std::erase_if(
      bodies_, [](const engine::RunBody& body) { return body.launch->is_called_off(); });
  findings_.require(forgotten == called_off, called_off, " bodies are said to be called off, and ", forgotten,
                    " are");
  check_waiting();
}

// Whoever was told that an instance stands still, or has ended, sees none of its bodies begin.
void Host::check_waiting() {
  doubted_ = doubted_ || audit_.in_doubt();
  if (doubted_) return;
  for (const engine::RunBody& body : bodies_) {
    if (body.launch->beginning()) continue;
    const std::optional<InstanceRow> row = audit_.expected().row(body.key);
    const bool wanted = row && row->run == body.run && row->status == Status::running;
    findings_.require(wanted, "V6: ", body.step(), " of ", body.key, " may begin, which is ",
                      row ? to_string(row->status) : "gone");
  }
}

// The workers take the oldest.
void Host::begin_bodies() {
  std::size_t begun = 0;
  for (const engine::RunBody& body : bodies_)
    begun += body.launch->beginning() && !lent_.contains(id_of(body));
  for (const engine::RunBody& body : bodies_) {
    if (begun >= workers_) return;
    if (!body.launch->beginning()) begun += body.launch->begin(present());
  }
}

void Host::lend(std::size_t index) {
  const engine::RunBody& body = bodies_[index];
  if (!body.launch->beginning() || !lent_.emplace(id_of(body), Lent{.wait = waits_ + 1}).second) return;
  give(engine::Lend{
      .key = body.key, .residency = body.residency, .started_seq = body.started_seq, .wait = ++waits_});
}

void Host::take_back(std::size_t index, bool at_once) {
  const BodyId id = id_of(bodies_[index]);
  Lent& lent = lent_.at(id);
  if (std::exchange(lent.asked_back, true)) return;
  give(engine::TakeBack{.key = std::get<0>(id),
                        .residency = std::get<1>(id),
                        .started_seq = std::get<2>(id),
                        .wait = lent.wait,
                        .at_once = at_once,
                        .granted = std::make_shared<engine::Grant>([this, id] { lent_.erase(id); })});
}

std::optional<Time> Host::next_time() const {
  const std::optional<Time> time = conductor_->next_time();
  const std::optional<Duration> uptime = conductor_->next_uptime();
  if (!uptime) return time;
  const Time by_uptime = clock_.now + (*uptime - clock_.uptime);
  return time ? std::min(*time, by_uptime) : by_uptime;
}

void Host::check_start(const engine::RunBody& body) const {
  const std::optional<History> record = audit_.expected().history(body.key);
  const StepRow* step = find_step(record, body.started_seq);
  const std::string who = body.step() + " of " + std::to_string(body.key);
  findings_.require(step != nullptr, "V6: ", who, " begins before it is recorded");
  if (step == nullptr) return;
  findings_.require(step->attempt == body.attempt && !step->due, "V6: ", who,
                    " begins before its attempt is recorded");
  findings_.require(!step->ended_seq, "V6: ", who, " begins although its result is recorded");
  for (const engine::RunBody& other : bodies_) {
    if (other.key != body.key) continue;
    findings_.require(other.residency == body.residency, "V18: ", who,
                      " has a second frame tree beside the first");
    findings_.require(other.started_seq != body.started_seq, "V6: two attempts of ", who, " overlap");
  }
}

// The ledger: no attempt twice, and none after the result was recorded.
void Host::check_run(const engine::RunBody& body) {
  const std::string execution = body.idempotency_key() + "#" + std::to_string(body.attempt);
  findings_.require(executions_.insert(execution).second, "V6: ", execution, " ran twice");
  const std::optional<History> record = audit_.expected().history(body.key);
  const StepRow* step = find_step(record, body.started_seq);
  // A body that an old run has left may end late.
  const std::string run = "/" + std::to_string(body.key) + "/" +
                          std::to_string(record ? record->row.run : 0) + "/";
  const bool same_run = body.idempotency_key().find(run) != std::string::npos;
  findings_.require(step == nullptr || !same_run || !step->ended_seq, "V6: ", execution,
                    " ran although its result is recorded");
}

std::optional<engine::BodyDone> Host::run_body(std::size_t index, BodyEnd end) {
  const auto held = bodies_.begin() + static_cast<std::ptrdiff_t>(index);
  const engine::RunBody body = std::move(*held);
  bodies_.erase(held);
  check_run(body);
  end_ = end;
  const auto execution = std::make_shared<Execution>(body, present());
  body.body->start(execution);
  if (!alive()) return std::nullopt;
  begin_bodies();
  return engine::BodyDone{.key = body.key,
                          .residency = body.residency,
                          .started_seq = body.started_seq,
                          .result = execution->take()};
}

std::string Host::run(const Node& node, StepContext& step) {
  const std::string whole = step.idempotency_key();
  const std::string own = whole.substr(whole.find('/') + 1);  // without the workflow
  if (end_ == BodyEnd::hopelessly) throw NonRetryableError{"hopeless"};
  if (end_ == BodyEnd::badly) throw std::runtime_error{"badly"};
  if (node.kind == Node::Kind::create) {
    std::string id = "c-" + own;
    std::ranges::replace(id, '/', '-');
    create_instance(id);
  }
  return own + "#" + std::to_string(step.attempt());
}

void Host::come_to_node() {
  if (options_.nodes_a_lack == 0 || ++nodes_ % options_.nodes_a_lack != 0) return;
  audit_.starved();
  throw std::bad_alloc{};
}

}  // namespace cairn::testing
