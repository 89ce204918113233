#include "engine/implementation.hpp"

#include "engine/cursor.hpp"
#include "engine/describe.hpp"
#include "engine/random.hpp"
#include "engine/workflow_code.hpp"

#include <cairn/id.hpp>

#include <future>
#include <utility>

namespace cairn {

namespace {

constexpr std::size_t sweep_piece = 250;  // instances: holds the writer for some 10 ms

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
  check_retention(options.default_retention, "EngineOptions.default_retention");
  if (!options.clock) options.clock = system_clock();
  if (!options.random) options.random = engine::system_random();
  return options;
}

engine::ConductorOptions conductor_options(const EngineOptions& options) {
  engine::ConductorOptions conductor;
  conductor.concurrency = options.concurrency;
  conductor.resident = options.resident;
  conductor.evict_after = options.evict_after;
  conductor.limits = options.limits;
  conductor.uptime = [clock = options.clock] { return clock->uptime(); };
  return conductor;
}

}  // namespace

/// A call in progress: the store stays open until it has returned.
class Engine::Implementation::Use {
 public:
  Use(const Implementation& engine, const char* call) : lock_(engine.closing_) {
    engine::WorkflowCode::refuse_here(call);
    if (engine.store_ == nullptr)
      throw Error{Errc::engine_stopped, std::string{call} + ": the engine is gone"};
  }
  /// For calls that change something.
  static void refuse_stopped(const Implementation& engine, const char* call) {
    if (engine.stopped_)
      throw Error{Errc::engine_stopped, std::string{call} + ": the engine has been stopped"};
  }

 private:
  std::shared_lock<std::shared_mutex> lock_;
};

Engine::Implementation::Implementation(std::unique_ptr<Store> store, EngineOptions options)
    : options_(checked(std::move(options))),
      store_(std::move(store)),
      catalogue_(*store_),
      conductor_(conductor_options(options_), store_->ownership().next_key),
      clock_guard_(options_.clock->now(), options_.clock->uptime(), store_->ownership().last_time),
      runner_(std::make_unique<engine::Runner>(*store_, conductor_, options_.clock, options_.log,
                                               options_.workers)) {}

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
  const std::unique_lock one_at_a_time{defining_};
  catalogue_.check_new(definition->name, definition->options.version);
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
  catalogue_.add(definition);
  runner_->post(engine::Register{definition, std::move(versions)});
  return definition;
}

void Engine::Implementation::start() {
  const Use use{*this, "start"};
  Use::refuse_stopped(*this, "start");
  if (started_.exchange(true)) return;
  runner_->set_periodic(options_.sweep_interval, [this] { sweep_in_background(); });
  runner_->start();
  runner_->post(engine::Begin{});
}

bool Engine::Implementation::stop(Duration deadline) {
  engine::WorkflowCode::refuse_here("stop");
  stopped_ = true;
  const bool rests = runner_->halt(deadline);
  if (!rests)
    runner_->log(LogLevel::warning,
                 "stop: bodies still run when the deadline has passed: " + runner_->running_steps());
  return rests;
}

void Engine::Implementation::close() {
  runner_->join();
  const std::unique_lock alone{closing_};
  store_.reset();
}

SweepReport Engine::Implementation::sweep() {
  const Use use{*this, "sweep"};
  Use::refuse_stopped(*this, "sweep");
  if (!clock_guard_.check(options_.clock->now(), options_.clock->uptime())) {
    throw Error{Errc::clock_unconfirmed,
                "sweep: the wall clock has leapt; nothing is deleted until confirm_clock()"};
  }
  SweepReport report;
  for (bool more = true; more && !stopped_;) {
    const auto swept = std::get<Swept>(runner_->call(Sweep{.limit = sweep_piece}));
    report.instances += swept.instances;
    report.steps += swept.steps;
    report.events += swept.events;
    more = swept.more;
  }
  return report;
}

void Engine::Implementation::sweep_in_background() {
  try {
    const SweepReport report = sweep();
    clock_warned_ = false;
    if (report.instances > 0) {
      runner_->log(LogLevel::info, "swept " + std::to_string(report.instances) + " instances with " +
                                       std::to_string(report.steps) + " steps and " +
                                       std::to_string(report.events) + " events");
    }
  } catch (const Error& error) {
    if (error.code() == Errc::engine_stopped) return;
    const bool repeated = error.code() == Errc::clock_unconfirmed && std::exchange(clock_warned_, true);
    if (!repeated) runner_->log(LogLevel::warning, error.what());
  }
}

void Engine::Implementation::confirm_clock() {
  clock_guard_.confirm(options_.clock->now(), options_.clock->uptime());
}

std::shared_ptr<const detail::Definition> Engine::Implementation::definition(std::string_view name) const {
  auto found = catalogue_.find(name);
  if (!found)
    throw Error{Errc::workflow_not_found,
                "workflow \"" + std::string{name.substr(0, 64)} + "\" is not defined"};
  return found;
}

// ----------------------------------------------------------------------------------------------------------
// creation

void Engine::Implementation::check_batch(const std::vector<detail::NewInstanceText>& instances,
                                         bool single) const {
  const Limits& limits = options_.limits;
  if (instances.empty()) throw Error{Errc::invalid_argument, "batch: must have at least one entry"};
  if (instances.size() > limits.batch_entries) {
    throw Error{Errc::invalid_argument, "batch: must have at most " + std::to_string(limits.batch_entries) +
                                            " entries; got " + std::to_string(instances.size())};
  }
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < instances.size(); ++i) {
    const detail::NewInstanceText& instance = instances[i];
    const auto field = [&](const char* name) {
      return single ? std::string{name} : "[" + std::to_string(i) + "]." + name;
    };
    if (!instance.id.empty()) {
      try {
        check_instance_id(instance.id);
      } catch (const Error&) {
        check_instance_id(instance.id, field("instance_id"));  // again, with the place: names are built for
                                                               // bad entries alone
      }
    }
    if (instance.params.size() > limits.params_bytes) {
      throw Error{Errc::too_large, field("params") + ": must be at most " +
                                       std::to_string(limits.params_bytes) + " bytes of JSON; got " +
                                       std::to_string(instance.params.size())};
    }
    if (instance.retention != Retention{}) check_retention(instance.retention, field("instance_retention"));
    bytes += instance.params.size();
  }
  if (bytes > limits.batch_bytes) {
    throw Error{Errc::too_large, "batch: params must be at most " + std::to_string(limits.batch_bytes) +
                                     " bytes together; got " + std::to_string(bytes)};
  }
}

CreateBatch Engine::Implementation::make_batch(const detail::Definition& definition,
                                               std::vector<detail::NewInstanceText> instances,
                                               OnConflict on_conflict) const {
  const Retention defaults = or_else(definition.options.default_retention, options_.default_retention);
  CreateBatch batch{
      .workflow = definition.workflow, .version = definition.version, .on_conflict = on_conflict};
  batch.rows.reserve(instances.size());
  const Time now = options_.clock->now();
  for (detail::NewInstanceText& instance : instances) {
    NewRow& row = batch.rows.emplace_back();
    row.id = std::move(instance.id);
    row.params = std::move(instance.params);
    row.retention = or_else(instance.retention, defaults);
    if (!row.id.empty()) continue;
    // 4,096 ids to a millisecond, then the next one: within a batch generated ids always rise.
    const std::size_t index = batch.rows.size() - 1;
    const Time time = saturating_add(now, Duration{static_cast<std::int64_t>(index >> 12)});
    row.id = make_uuid_v7(time, static_cast<std::uint16_t>(index & 0xfff), options_.random->bytes());
  }
  return batch;
}

BatchResult Engine::Implementation::create_batch(const detail::Definition& definition,
                                                 std::vector<detail::NewInstanceText> instances,
                                                 const BatchOptions& options) {
  const Use use{*this, "create_batch"};
  Use::refuse_stopped(*this, "create_batch");
  check_batch(instances, false);
  auto [batch, created] = runner_->call(make_batch(definition, std::move(instances), options.on_conflict));
  if (created.refused) {
    const Conflict& conflict = created.conflicts.front();
    throw Error{conflict.code,
                "[" + std::to_string(conflict.index) + "].instance_id: \"" + batch.rows[conflict.index].id +
                    (conflict.code == Errc::duplicate_in_batch ? "\" stands earlier in the batch"
                                                               : "\" exists already")};
  }
  BatchResult result;
  result.created.reserve(batch.rows.size() - created.conflicts.size());
  auto conflict = created.conflicts.begin();
  for (std::size_t i = 0; i < batch.rows.size(); ++i) {
    if (conflict != created.conflicts.end() && conflict->index == i) {
      result.skipped.push_back({i, std::move(batch.rows[i].id), conflict->code});
      ++conflict;
    } else {
      result.created.push_back(
          {std::move(batch.rows[i].id), Status::queued, definition.version_id, definition.workflow_id});
    }
  }
  return result;
}

std::pair<Key, std::string> Engine::Implementation::create(const detail::Definition& definition,
                                                           detail::NewInstanceText instance) {
  const Use use{*this, "create"};
  Use::refuse_stopped(*this, "create");
  std::vector<detail::NewInstanceText> instances;
  instances.push_back(std::move(instance));
  check_batch(instances, true);
  auto [batch, created] = runner_->call(make_batch(definition, std::move(instances), OnConflict::fail));
  std::string& id = batch.rows.front().id;
  if (created.refused)
    throw Error{Errc::instance_already_exists, "instance_id: \"" + id + "\" exists already"};
  return {batch.first_key, std::move(id)};
}

// -----------------------------------------------------------------------------------------------------------
// control

void Engine::Implementation::send_event(Key key, std::string_view type, std::string payload) {
  const Use use{*this, "send_event"};
  Use::refuse_stopped(*this, "send_event");
  check_event_type(type);
  const Limits& limits = options_.limits;
  if (payload.size() > limits.event_bytes) {
    throw Error{Errc::too_large, "payload: must be at most " + std::to_string(limits.event_bytes) +
                                     " bytes of JSON; got " + std::to_string(payload.size())};
  }
  SendEvent event{.key = key,
                  .type = std::string{type},
                  .payload = std::move(payload),
                  .buffered_max = limits.buffered_events};
  const auto sent = std::get<Sent>(runner_->call(std::move(event)));
  if (!sent.refused) return;
  if (*sent.refused == Errc::cannot_send_event) {
    throw Error{*sent.refused,
                "the instance is " + std::string{to_string(sent.status)} + " and takes no more events"};
  }
  if (*sent.refused == Errc::too_large) {
    throw Error{*sent.refused, "the instance has " + std::to_string(limits.buffered_events) +
                                   " events waiting; the limit is reached"};
  }
  throw Error{*sent.refused, "the instance does not exist any more"};
}

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

// -------------------------------------------------------------------------------------------------------------
// reads

std::optional<Key> Engine::Implementation::find(const detail::Definition& definition,
                                                std::string_view id) const {
  const Use use{*this, "find"};
  const std::optional<InstanceRow> row = store_->find(definition.workflow, std::string{id});
  if (!row) return std::nullopt;
  return row->key;
}

Page Engine::Implementation::list(const detail::Definition& definition, const ListFilter& filter) const {
  const Use use{*this, "list"};
  if (filter.limit < 1 || filter.limit > 1'000)
    throw Error{Errc::invalid_argument, "limit: must be 1 to 1,000"};
  if (filter.created_from && filter.created_to && *filter.created_from > *filter.created_to) {
    throw Error{Errc::invalid_argument, "created_from: must not be after created_to"};
  }
  ListQuery query{
      .workflow = definition.workflow, .status = filter.status, .newest_first = filter.newest_first};
  query.created_from = filter.created_from;
  query.created_to = filter.created_to;
  query.limit = filter.limit + 1;  // one more tells whether there is a next page
  if (!filter.cursor.empty()) query.after = engine::read_cursor(filter.cursor);
  const std::vector<InstanceRow> rows = store_->list(query);
  Page page;
  for (const InstanceRow& row : rows) {
    if (page.instances.size() == filter.limit) break;
    page.instances.push_back(engine::summarize(row, catalogue_.names(row.workflow, row.version)));
  }
  if (rows.size() > filter.limit) page.cursor = engine::write_cursor(rows[filter.limit - 1].key);
  return page;
}

Status Engine::Implementation::status(Key key) const {
  const Use use{*this, "status"};
  const std::optional<InstanceRow> row = store_->row(key);
  if (!row) throw Error{Errc::instance_not_found, "the instance does not exist any more"};
  return row->status;
}

InstanceDetail Engine::Implementation::describe(Key key) const {
  const Use use{*this, "describe"};
  const std::optional<History> history = store_->history(key);
  if (!history) throw Error{Errc::instance_not_found, "the instance does not exist any more"};
  return engine::describe(*history, catalogue_.names(history->row.workflow, history->row.version));
}

void Engine::Implementation::when_ended(Key key, detail::EndedCallback callback) {
  const Use use{*this, "wait"};
  Use::refuse_stopped(*this, "wait");
  runner_->post(engine::Watch{key, std::move(callback)});
}

detail::Ended Engine::Implementation::wait(Key key, std::optional<Duration> limit) {
  auto promise = std::make_shared<std::promise<detail::Ended>>();
  std::future<detail::Ended> future = promise->get_future();
  when_ended(key, [promise](std::exception_ptr error, detail::Ended ended) {
    if (error) {
      promise->set_exception(error);
    } else {
      promise->set_value(std::move(ended));
    }
  });
  const engine::StepPool::Lend lend;
  if (limit && future.wait_for(std::min(*limit, duration_max)) == std::future_status::timeout) {
    throw Error{Errc::timed_out,
                "the instance has not ended within " + std::to_string(limit->count()) + " ms"};
  }
  return future.get();
}

void detail::throw_instance_not_found(std::string_view id) {
  throw Error{Errc::instance_not_found, "instance \"" + std::string{id.substr(0, 100)} + "\" does not exist"};
}

}  // namespace cairn
