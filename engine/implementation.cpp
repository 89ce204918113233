#include "engine/implementation.hpp"

#include "engine/conductor/ended.hpp"
#include "engine/guarded_store.hpp"
#include "engine/instance/workflow_code.hpp"
#include "engine/random.hpp"

#include <cairn/detail/caught.hpp>
#include <cairn/detail/counted.hpp>
#include <cairn/id.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <future>
#include <new>
#include <system_error>
#include <utility>

namespace cairn {

namespace {

// SQLite holds a thousand million bytes in a row.
constexpr std::size_t value_bytes_max = std::size_t{512} << 20;

EngineOptions checked(EngineOptions options) {
  const auto refuse = [](const char* field, const char* rule) {
    throw Error{Errc::invalid_argument, std::string{"EngineOptions."} + field + ": " + rule};
  };
  if (options.workers < 1 || options.workers > 4'096) refuse("workers", "must be 1 to 4,096");
  if (options.sweep_interval.count() < 0) refuse("sweep_interval", "must be 0 or more");
  if (options.sweep_interval > duration_max) refuse("sweep_interval", "must be at most 3,650 days");
  if (options.concurrency < 1) refuse("concurrency", "must be 1 or more");
  if (options.evict_after.count() < 0) refuse("evict_after", "must be 0 or more");
  if (options.limits.steps > 1'000'000) refuse("limits.steps", "must be at most 1,000,000");
  const auto check_bytes = [&](const char* field, std::size_t bytes) {
    // A store refuses what is larger each time it is asked, and with it all that is written together.
    if (bytes > value_bytes_max) refuse(field, "must be at most 512 MiB");
  };
  check_bytes("limits.params_bytes", options.limits.params_bytes);
  check_bytes("limits.result_bytes", options.limits.result_bytes);
  check_bytes("limits.event_bytes", options.limits.event_bytes);
  // Each takes two numbers of the 16,777,215 that a run has.
  if (options.limits.operations < 1 || options.limits.operations > 8'000'000) {
    refuse("limits.operations", "must be 1 to 8,000,000");
  }
  if (options.limits.json_depth < 1 || options.limits.json_depth > Limits{}.json_depth) {
    refuse("limits.json_depth", "must be 1 to 64");
  }
  if (options.longest_rest.count() < 0) refuse("longest_rest", "must be 0 or more");
  if (options.longest_rest > duration_max) refuse("longest_rest", "must be at most 3,650 days");
  check_retention(options.default_retention, "EngineOptions.default_retention");
  options.clock = std::make_shared<engine::GuardedClock>(options.clock ? options.clock : system_clock());
  if (!options.random) options.random = engine::system_random();
  return options;
}

std::unique_ptr<Store> checked(std::unique_ptr<Store> store) {
  if (!store) throw Error{Errc::invalid_argument, "store: must be an open store, is null"};
  return std::make_unique<engine::GuardedStore>(std::move(store));
}

engine::ConductorOptions conductor_options(const EngineOptions& options) {
  engine::ConductorOptions conductor;
  conductor.concurrency = options.concurrency;
  conductor.resident = options.resident;
  conductor.evict_after = options.evict_after;
  conductor.workers = options.workers;
  conductor.loop = options.concurrency;
  conductor.limits = options.limits;
  conductor.uptime = [clock = options.clock] { return clock->uptime(); };
  return conductor;
}

}  // namespace

Engine::Implementation::Implementation(std::unique_ptr<Store> store, EngineOptions options)
    : options_(checked(std::move(options))),
      clock_(std::static_pointer_cast<engine::GuardedClock>(options_.clock)),
      store_(checked(std::move(store))),
      catalogue_(*store_),
      conductor_(std::make_unique<engine::Conductor>(
          conductor_options(options_), store_->ownership().next_key,
          engine::ClockLeaps{store_->ownership(), clock_->read(), clock_->earliest()})),
      clock_guard_(clock_->read(), store_->ownership(), clock_->earliest(), options_.longest_rest),
      runner_(
          std::make_unique<engine::Runner>(*store_, *conductor_, clock_, options_.log, options_.workers)) {
  runner_->set_periodic(options_.sweep_interval, [this] { sweep_in_background(); });
}

Engine::Implementation::~Implementation() = default;

// ---------------------------------------------------------------------------------------------------------
// life cycle

std::shared_ptr<const detail::Definition> Engine::Implementation::add(
    std::shared_ptr<detail::Definition> definition) {
  const Use use{*this, "define"};
  Use::refuse_stopped(*this, "define");
  check_workflow_name(definition->name, "workflow name");
  check_version_tag(definition->options.version, "WorkflowOptions.version");
  for (const std::string& tag : definition->options.adopts) check_version_tag(tag, "WorkflowOptions.adopts");
  check_retention(definition->options.default_retention, "WorkflowOptions.default_retention");
  const engine::Catalogue::Reservation reserved{catalogue_, definition->name, definition->options.version};
  Define define{.name = definition->name, .version = definition->options.version};
  define.workflow_id = make_uuid_v4(options_.random->bytes());
  define.version_id = make_uuid_v4(options_.random->bytes());
  const auto defined = std::get<Defined>(runner_->call(std::move(define)));
  definition->workflow = defined.workflow;
  definition->version = defined.version;
  definition->workflow_id = defined.workflow_id;
  definition->version_id = defined.version_id;
  std::vector<std::int64_t> versions{defined.version};
  for (const VersionRow& row : store_->versions(defined.workflow)) {
    for (const std::string& tag : definition->options.adopts) {
      if (row.tag == tag && row.version != defined.version) versions.push_back(row.version);
    }
  }
  // The engine first: what the catalogue has counts as defined, and is not registered a second time.
  runner_->post(engine::Register{definition, versions});
  catalogue_.add(definition, versions);
  return definition;
}

void Engine::Implementation::start() {
  const Use use{*this, "start"};
  Use::refuse_stopped(*this, "start");
  if (started_.exchange(true)) return;
  try {
    if (const auto objection = clock_guard_.objection(clock_->read()); objection && !clock_warned_) {
      clock_warned_ = true;
      runner_->log(LogLevel::warning, *objection + "; nothing is swept until confirm_clock()");
    }
    runner_->start();
    runner_->post(engine::Begin{});
  } catch (const std::system_error& error) {
    started_ = false;
    throw Error{Errc::internal,
                std::string{"the engine's threads cannot be started: "} + detail::what_of(error)};
  } catch (...) {
    started_ = false;
    throw;
  }
}

bool Engine::Implementation::stop(Duration deadline) {
  engine::WorkflowCode::refuse_here("stop");
  if (!is_here()) return true;  // a child has no thread that could run anything
  stopped_ = true;
  const bool rests = runner_->halt(deadline);
  if (!rests) complain_of_bodies();
  return rests;
}

void Engine::Implementation::complain_of_bodies() const noexcept {
  constexpr const char* words = "stop: the deadline has passed, and ";
  try {
    const std::string what = runner_->what_runs();
    if (!what.empty()) runner_->log(LogLevel::warning, words, what.c_str());
  } catch (const std::bad_alloc&) {
    runner_->log(LogLevel::warning, words, "bodies still run, and there is no memory to name them");
  }
}

// Handles keep this object, and workflows may hold handles: only without definitions does it ever end. What
// the host gave is destroyed when nobody is inside.
void Engine::Implementation::close() {
  ends_ = true;
  runner_->join();
  passage_.close();
  const engine::Catalogue::Definitions definitions = catalogue_.take_all();
  runner_.reset();
  conductor_.reset();
  store_.reset();
}

// The child of a fork: locks may be held by threads that it does not have, and sockets and queues of the
// kernel are its parent's as well.
void Engine::Implementation::leave_alone(std::shared_ptr<Implementation> engine) noexcept {
  Implementation& whole = *engine;
  whole.process_.leave_alone(std::move(engine));
}

std::vector<WorkflowSummary> Engine::Implementation::workflows() const {
  process_.require_here("workflows");
  return catalogue_.list();
}

std::shared_ptr<const detail::Definition> Engine::Implementation::definition(std::string_view name) const {
  process_.require_here("workflow");
  auto found = catalogue_.find(name);
  if (!found)
    throw Error{Errc::workflow_not_found,
                "workflow \"" + std::string{name.substr(0, 64)} + "\" is not defined"};
  return found;
}

// -----------------------------------------------------------------------------------------------------------
// control

void Engine::Implementation::control(Key key, Command command) {
  const Use use{*this, "control"};
  Use::refuse_stopped(*this, "control");
  Control control{.key = key, .command = command};
  if (command == Command::restart) {
    const std::optional<InstanceRow> row = store_->row(key);
    if (!row) throw Error{Errc::instance_not_found, "the instance does not exist any more"};
    const auto newest = catalogue_.newest(row->workflow);
    control.version = newest ? newest->version : row->version;
  }
  const auto controlled = std::get<Controlled>(runner_->call(control));
  if (!controlled.refused) return;
  if (*controlled.refused == Errc::instance_not_found)
    throw Error{*controlled.refused, "the instance does not exist any more"};
  constexpr std::string_view verbs[] = {"paused", "resumed", "terminated", "restarted"};
  throw Error{*controlled.refused, "the instance is " + std::string{to_string(controlled.before)} +
                                       " and cannot be " +
                                       std::string{verbs[static_cast<std::size_t>(command)]}};
}

void detail::throw_instance_not_found(std::string_view id) {
  throw Error{Errc::instance_not_found, "instance \"" + std::string{id.substr(0, 100)} + "\" does not exist"};
}

void detail::throw_empty_instance() {
  throw Error{Errc::invalid_argument, "instance: is empty: it was default-constructed, or moved away"};
}

}  // namespace cairn
