#include "tests/storage/store_fixture.hpp"

#include "storage/memory/store.hpp"

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace cairn::testing {

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "cairn-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::system_error{errno, std::generic_category(), name};
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void PrintTo(Kind kind, std::ostream* out) {
  *out << name_of({kind, 0});
}

std::string name_of(const ::testing::TestParamInfo<Kind>& info) {
  switch (info.param) {
    case Kind::memory:
      return "Memory";
    case Kind::sqlite_file:
      return "SqliteFile";
    case Kind::sqlite_memory:
      return "SqliteMemory";
  }
  return "";
}

void StoreTest::SetUp() {
  switch (GetParam()) {
    case Kind::memory:
      store_ = open_memory();
      break;
    case Kind::sqlite_file:
      store_ = open_sqlite(file(), options_);
      break;
    case Kind::sqlite_memory:
      store_ = open_sqlite(":memory:", options_);
      break;
  }
}

void StoreTest::reopen() {
  if (GetParam() == Kind::memory) {
    dynamic_cast<memory::MemoryStore&>(*store_).begin_epoch();
    return;
  }
  ASSERT_EQ(GetParam(), Kind::sqlite_file);
  store_.reset();
  store_ = open_sqlite(file(), options_);
}

Defined StoreTest::define(const std::string& name, const std::string& version) {
  return apply<Defined>(
      Define{name, version, "workflow-id-of-" + name, "version-id-of-" + name + "-" + version});
}

CreateBatch StoreTest::batch(const std::vector<std::string>& ids, OnConflict on_conflict) {
  const Defined defined = define();
  CreateBatch batch{.workflow = defined.workflow,
                    .version = defined.version,
                    .first_key = store().ownership().next_key,
                    .rows = {},
                    .on_conflict = on_conflict};
  for (const std::string& id : ids) batch.rows.push_back({id, "\"" + id + "\"", {}});
  return batch;
}

Key StoreTest::create(const std::string& id, Retention retention) {
  CreateBatch one = batch({id});
  one.rows[0].retention = retention;
  EXPECT_TRUE(apply<Created>(one).conflicts.empty());
  return one.first_key;
}

Key StoreTest::create_in(Status status, const std::string& id, Retention retention) {
  const Key key = create(id, retention);
  switch (status) {
    case Status::queued:
      break;
    case Status::running:
      enter(key);
      break;
    case Status::waiting:
      enter(key);
      leave(key, Cause::wait, at(5'000'000));
      break;
    case Status::paused:
      control(key, Command::pause);
      break;
    case Status::waiting_for_pause:
      enter(key);
      control(key, Command::pause, false);
      break;
    case Status::complete:
      enter(key);
      leave(key, Cause::complete);
      break;
    case Status::errored:
      enter(key);
      leave(key, Cause::fail);
      break;
    case Status::terminated:
      control(key, Command::terminate);
      break;
    case Status::rolling_back:
      ADD_FAILURE() << "no change leads there yet";
  }
  EXPECT_EQ(row(key).status, status);
  return key;
}

Controlled StoreTest::control(Key key, Command command, bool idle) {
  const auto version = define().version;
  return apply<Controlled>(Control{key, command, idle, version});
}

Advanced StoreTest::enter(Key key, Cause cause) {
  Advance change = advance(store(), key);
  change.enter = cause;
  return apply<Advanced>(change);
}

Advanced StoreTest::leave(Key key, Cause cause, std::optional<Time> wake_at) {
  Advance change = advance(store(), key);
  change.leave = cause;
  change.wake_at = wake_at;
  if (cause == Cause::complete) change.output = "\"output\"";
  if (cause == Cause::fail || cause == Cause::park) change.error = ErrorRecord{"Error", "why"};
  return apply<Advanced>(change);
}

Advanced StoreTest::start_step(Key key, Sequence started_seq, const std::string& name) {
  Advance change = advance(store(), key);
  change.starts.push_back(
      {.started_seq = started_seq, .name = name, .config = "{\"retries\":1}", .event_type = "", .at = now()});
  return apply<Advanced>(change);
}

Advanced StoreTest::start_wait(Key key, Sequence started_seq, const std::string& type) {
  Advance change = advance(store(), key);
  change.starts.push_back({.started_seq = started_seq,
                           .kind = StepKind::wait_for_event,
                           .name = "wait",
                           .config = "",
                           .event_type = type,
                           .due = at(9'000'000),
                           .at = now()});
  return apply<Advanced>(change);
}

Advanced StoreTest::record(Key key, StepResult result) {
  Advance change = advance(store(), key);
  change.results.push_back(std::move(result));
  return apply<Advanced>(change);
}

Sent StoreTest::send(Key key, const std::string& type, const std::string& payload) {
  return apply<Sent>(SendEvent{key, type, payload, 10});
}

Advance advance(const Store& store, Key key) {
  Advance change;
  change.key = key;
  const auto found = store.row(key);
  change.run = found ? found->run : 1;
  return change;
}

std::vector<Status> reachable_statuses() {
  return {Status::queued,   Status::running,           Status::paused, Status::errored, Status::terminated,
          Status::complete, Status::waiting_for_pause, Status::waiting};
}

StepResult ended(Sequence started_seq, Sequence ended_seq, const std::string& output, std::int32_t attempt) {
  StepResult result;
  result.started_seq = started_seq;
  result.attempt = attempt;
  result.ended_seq = ended_seq;
  result.output = output;
  result.at = at(2'000'000);
  return result;
}

StepResult failed(Sequence started_seq, std::int32_t attempt, Time retry_due) {
  StepResult result;
  result.started_seq = started_seq;
  result.attempt = attempt;
  result.retry_due = retry_due;
  result.error = ErrorRecord{"Error", "attempt " + std::to_string(attempt)};
  result.at = at(2'000'000);
  return result;
}

}  // namespace cairn::testing
