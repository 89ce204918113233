#include "storage/memory/store.hpp"
#include "tests/engine/scarce_memory.hpp"
#include "tests/storage/store_text.hpp"

#include <cairn/open.hpp>
#include <cairn/store.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <vector>

// The store in memory, when there is none for a group.
namespace cairn::testing {
namespace {

constexpr Time moment{Duration{1'000'000}};
constexpr std::size_t requests_max = 10'000;  // of memory, of any group here

std::string long_text(char letter) {
  return std::string(100, letter);  // so that it needs memory
}

CreateBatch creation(Key first, const std::vector<std::string>& ids) {
  CreateBatch batch{.workflow = 1, .version = 1};
  batch.first_key = first;
  for (const std::string& id : ids) {
    batch.rows.push_back(
        {.id = id, .params = long_text('p'), .retention = {.success = Duration{1}, .error = Duration{1}}});
  }
  return batch;
}

StepStart beginning(Sequence seq, StepKind kind, const std::string& name) {
  StepStart start{.started_seq = seq, .kind = kind, .name = name, .count = 1, .at = moment};
  if (kind == StepKind::wait_for_event) start.event_type = "go";
  return start;
}

Define definition(const std::string& name) {
  return {.name = name, .version = "1", .workflow_id = "w-" + name, .version_id = "v-" + name};
}

// Key 1 runs a step and waits for an event that is there; 2 is queued; 3 has ended and may be swept.
void fill(Store& store) {
  std::vector<Change> group;
  group.emplace_back(definition("first"));
  static_cast<void>(store.apply(group, moment));
  group.clear();
  group.emplace_back(creation(1, {"one", "two", "three"}));
  group.emplace_back(Advance{
      .key = 1,
      .run = 1,
      .enter = Cause::start,
      .starts = {beginning(1, StepKind::step, "work"), beginning(2, StepKind::wait_for_event, "wait")}});
  group.emplace_back(Control{.key = 3, .command = Command::terminate});
  group.emplace_back(SendEvent{.key = 1, .type = "go", .payload = long_text('e'), .buffered_max = 100});
  static_cast<void>(store.apply(group, moment));
}

// Of every kind, and several on the same rows.
std::vector<Change> group_of_all() {
  std::vector<Change> group;
  group.emplace_back(definition("second"));
  group.emplace_back(creation(4, {"four", "five"}));
  group.emplace_back(Advance{.key = 2,
                             .run = 1,
                             .enter = Cause::start,
                             .starts = {beginning(1, StepKind::step, "work")},
                             .leave = Cause::wait,
                             .wake_at = moment + Duration{5}});
  group.emplace_back(SendEvent{.key = 2, .type = "go", .payload = long_text('e'), .buffered_max = 100});
  group.emplace_back(SendEvent{.key = 1, .type = "go", .payload = long_text('f'), .buffered_max = 100});
  group.emplace_back(Advance{
      .key = 1,
      .run = 1,
      .results = {{.started_seq = 1, .attempt = 1, .ended_seq = 3, .output = long_text('o'), .at = moment},
                  {.started_seq = 2,
                   .attempt = 1,
                   .ended_seq = 4,
                   .output = long_text('e'),
                   .event = 1,
                   .at = moment}},
      .leave = Cause::complete,
      .output = long_text('r')});
  group.emplace_back(Sweep{10});
  group.emplace_back(Control{.key = 4, .command = Command::terminate});
  group.emplace_back(Control{.key = 4, .command = Command::restart, .version = 1});
  group.emplace_back(Control{.key = 2, .command = Command::restart, .version = 1});
  return group;
}

std::string text(const Store& store) {
  const Ownership ownership = store.ownership();
  std::string all = std::to_string(ownership.commit_seq) + " " + std::to_string(ownership.next_key);
  for (const WorkflowRow& row : store.workflows()) all += "\nworkflow " + row.name;
  for (const VersionRow& row : store.versions(2)) all += "\nversion " + row.tag;
  for (Key key = 1; key < 6; ++key) {
    if (const auto history = store.history(key, {.events = true})) all += "\n" + testing::text(*history);
  }
  for (const char* id : {"one", "two", "three", "four", "five"}) {
    if (const auto row = store.find(1, id)) all += "\n" + std::string{id} + " " + std::to_string(row->key);
  }
  for (const InstanceRow& row : store.queued(1, 0, 100)) all += "\nqueued " + row.id;
  for (const DueRow& row : store.due({}, moment + Duration{1'000}, 100))
    all += "\ndue " + std::to_string(row.key);
  return all;
}

// Whether there was memory for it.
bool apply(Store& store, std::span<const Change> group, Time now, std::size_t k) {
  const FailingRequests failing{k, 1};
  try {
    static_cast<void>(store.apply(group, now));
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

TEST(StarvedStore, WritesAGroupWholeOrNotAtAll) {
  const std::vector<Change> group = group_of_all();
  const Time later = moment + Duration{10};
  const std::unique_ptr<Store> spared = open_memory();
  fill(*spared);
  const std::string before = text(*spared);
  static_cast<void>(spared->apply(group, later));
  const std::string after = text(*spared);
  const std::unique_ptr<Store> store = open_memory();
  fill(*store);
  std::size_t k = 0;
  for (; k < requests_max && !apply(*store, group, later, k); ++k) {
    ASSERT_EQ(text(*store), before) << "request " << k;
  }
  EXPECT_GT(k, 40U);
  EXPECT_EQ(text(*store), after);
  const std::vector<Change> sweep{Sweep{10}};
  const Swept left = std::get<Swept>(spared->apply(sweep, later + Duration{10}).front());
  EXPECT_EQ(std::get<Swept>(store->apply(sweep, later + Duration{10}).front()).instances, left.instances);
  EXPECT_EQ(text(*store), text(*spared));
}

// And what is taken back of a group is its own.
TEST(StarvedStore, HasTheNextOwnerOrTheOneBefore) {
  memory::MemoryStore store;
  fill(store);
  const std::string before = text(store);
  const std::vector<Change> group{definition("second")};
  const auto next_owner_comes = [&](std::size_t k) {
    const FailingRequests failing{k, 1};
    try {
      store.begin_epoch();
      return true;
    } catch (const std::bad_alloc&) {
      return false;
    }
  };
  std::size_t k = 0;
  for (; k < requests_max && !next_owner_comes(k); ++k) {
    ASSERT_EQ(store.ownership().epoch, 1) << "request " << k;
    ASSERT_EQ(text(store), before) << "request " << k;
    ASSERT_FALSE(apply(store, group, moment, 0));
    ASSERT_EQ(text(store), before) << "request " << k;
  }
  EXPECT_GT(k, 1U);
  EXPECT_EQ(store.ownership().epoch, 2);
  EXPECT_EQ(store.row(1)->status, Status::queued) << "it was running";
}

}  // namespace
}  // namespace cairn::testing
