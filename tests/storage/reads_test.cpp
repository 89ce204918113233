#include "tests/storage/store_fixture.hpp"

#include <algorithm>
#include <thread>

// Laws of the reads: find, row, list, queued and due.
namespace cairn::testing {
namespace {

class ReadsTest : public StoreTest {
 protected:
  std::vector<Key> keys_of(const std::vector<InstanceRow>& rows) {
    std::vector<Key> keys;
    for (const InstanceRow& row : rows) keys.push_back(row.key);
    return keys;
  }

  // All pages of a list, with `limit` rows each.
  std::vector<Key> paged(ListQuery query, std::size_t limit) {
    query.limit = limit;
    std::vector<Key> keys;
    for (;;) {
      const auto page = store().list(query);
      EXPECT_LE(page.size(), limit);
      if (page.empty()) return keys;
      for (const InstanceRow& row : page) keys.push_back(row.key);
      query.after = keys.back();
    }
  }

  // Two workflows with instances in every status, interleaved.
  void populate() {
    for (int round = 0; round < 3; ++round) {
      for (const Status status : reachable_statuses()) {
        create_in(status, "i" + std::to_string(round) + "-" + std::to_string(static_cast<int>(status)));
      }
      CreateBatch other = batch({"o" + std::to_string(round), "p" + std::to_string(round)});
      const Defined audits = define("audits");
      other.workflow = audits.workflow;
      other.version = audits.version;
      apply<Created>(other);
    }
  }

  // What a list must answer, by looking at every row.
  std::vector<Key> expected(const ListQuery& query) {
    std::vector<Key> keys;
    for (Key key = 1; key < store().ownership().next_key; ++key) {
      const auto row = store().row(key);
      if (!row) continue;
      if (query.workflow && row->workflow != *query.workflow) continue;
      if (query.status && row->status != *query.status) continue;
      if (query.created_from && row->created < *query.created_from) continue;
      if (query.created_to && row->created > *query.created_to) continue;
      keys.push_back(key);
    }
    if (query.newest_first) std::ranges::reverse(keys);
    return keys;
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, ReadsTest,
                         ::testing::Values(Kind::memory, Kind::sqlite_file, Kind::sqlite_memory), name_of);

TEST_P(ReadsTest, ErrorsAreThoseOfTheEndAndOfAPark) {
  std::vector<Key> keys;
  for (const Cause cause : {Cause::fail, Cause::park, Cause::wait}) {
    const Key key = create_in(Status::running, std::string{to_string(cause)});
    Advance leaves = advance(store(), key);
    leaves.leave = cause;
    if (cause != Cause::wait) leaves.error = ErrorRecord{"Name", std::string{to_string(cause)}};
    EXPECT_TRUE(apply<Advanced>(leaves).continued);
    keys.push_back(key);
  }
  keys.push_back(77);
  const std::vector<std::optional<ErrorRecord>> expected{
      ErrorRecord{"Name", "fail"}, ErrorRecord{"Name", "park"}, std::nullopt, std::nullopt};
  EXPECT_EQ(store().errors(keys), expected);
  EXPECT_TRUE(store().errors({}).empty());
}

TEST_P(ReadsTest, WhatIsNotThereIsNotFound) {
  const Defined orders = define();
  EXPECT_FALSE(store().find(orders.workflow, "a"));
  EXPECT_FALSE(store().find(99, "a"));
  for (const Key key : {Key{0}, Key{-1}, Key{1}, Key{1} << 39, Key{1} << 62}) {
    EXPECT_FALSE(store().row(key));
    EXPECT_FALSE(store().history(key));
  }
  EXPECT_TRUE(store().versions(99).empty());
}

TEST_P(ReadsTest, FindRowAndHistoryTellTheSame) {
  const Key key = create_in(Status::waiting, "a");
  EXPECT_EQ(store().find(define().workflow, "a"), store().row(key));
  EXPECT_EQ(store().history(key)->row, store().row(key));
}

TEST_P(ReadsTest, EveryListIsCompleteAndInOrderForEveryPageSize) {
  populate();
  const std::int64_t orders = define().workflow;
  const std::int64_t audits = define("audits").workflow;
  std::vector<std::optional<Status>> statuses{std::nullopt};
  for (const Status status : reachable_statuses()) statuses.emplace_back(status);
  for (const auto& workflow : {std::optional<std::int64_t>{}, std::optional{orders}, std::optional{audits}}) {
    for (const auto& status : statuses) {
      for (const bool newest_first : {true, false}) {
        ListQuery query;
        query.workflow = workflow;
        query.status = status;
        query.newest_first = newest_first;
        for (const std::size_t limit : {1, 2, 7, 100}) EXPECT_EQ(paged(query, limit), expected(query));
      }
    }
  }
}

TEST_P(ReadsTest, AListKeepsToTheTimesOfCreation) {
  std::vector<Time> created;
  for (const char* id : {"a", "b", "c", "d", "e"}) {
    created.push_back(now());
    apply<Created>(batch({id}), created.back());
  }
  for (const auto& workflow : {std::optional<std::int64_t>{}, std::optional{define().workflow}}) {
    ListQuery query;
    query.workflow = workflow;
    query.created_from = created[1];
    query.created_to = created[3];
    EXPECT_EQ(paged(query, 2), expected(query));
    EXPECT_EQ(expected(query).size(), 3U);
    query.created_to = created[1] - Duration{1};
    EXPECT_TRUE(store().list(query).empty());
  }
}

TEST_P(ReadsTest, NoLimitAndNoRows) {
  populate();
  ListQuery query;
  query.limit = 0;
  EXPECT_TRUE(store().list(query).empty());
  query.limit = std::numeric_limits<std::size_t>::max();
  EXPECT_EQ(keys_of(store().list(query)), expected(query));
  EXPECT_TRUE(store().due({}, Time::max(), 0).empty());
  EXPECT_TRUE(store().queued(define().workflow, 0, 0).empty());
}

TEST_P(ReadsTest, QueuedAreListedByKeyPageByPage) {
  populate();
  ListQuery query;
  query.workflow = define().workflow;
  query.status = Status::queued;
  query.newest_first = false;
  const auto all = keys_of(store().queued(*query.workflow, 0, 100));
  EXPECT_EQ(all, expected(query));
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(keys_of(store().queued(*query.workflow, 0, 2)), (std::vector<Key>{all[0], all[1]}));
  EXPECT_EQ(keys_of(store().queued(*query.workflow, all[1], 2)), (std::vector<Key>{all[2]}));
  EXPECT_TRUE(store().queued(*query.workflow, all[2], 2).empty());
}

TEST_P(ReadsTest, DueAreListedByTimeAndKeyPageByPage) {
  const std::int64_t workflow = define().workflow;
  std::vector<DueRow> all;
  for (const std::int64_t wake : {300, 100, 300, 100, 300, 200, 400}) {
    const Key key = create_in(Status::running, "w" + std::to_string(store().ownership().next_key));
    leave(key, Cause::wait, at(wake));
    all.push_back({at(wake), key, workflow});
  }
  create_in(Status::running, "no wake time");
  std::ranges::sort(all, {}, [](const DueRow& row) { return std::pair{row.wake_at, row.key}; });
  EXPECT_EQ(store().due({}, at(400), 100), all);
  for (const std::size_t limit : {1, 2, 3}) {
    std::vector<DueRow> paged;
    for (DueRow after = {};;) {
      const auto page = store().due(after, at(400), limit);
      if (page.empty()) break;
      paged.insert(paged.end(), page.begin(), page.end());
      after = page.back();
    }
    EXPECT_EQ(paged, all);
  }
  all.pop_back();
  EXPECT_EQ(store().due({}, at(399), 100), all);
  EXPECT_TRUE(store().due({}, at(99), 100).empty());
}

TEST_P(ReadsTest, AResumedOrRestartedInstanceIsDueAtOnce) {
  const Key resumed = create_in(Status::paused, "a");
  const Key restarted = create_in(Status::complete, "b");
  apply<Controlled>(Control{resumed, Command::resume, true, 0}, at(50));
  apply<Controlled>(Control{restarted, Command::restart, true, define().version}, at(60));
  const std::int64_t workflow = define().workflow;
  EXPECT_EQ(store().due({}, at(100), 10),
            (std::vector<DueRow>{{at(50), resumed, workflow}, {at(60), restarted, workflow}}));
}

TEST_P(ReadsTest, NobodyIsDueWhoIsFinishedOrPaused) {
  for (const Status status : {Status::paused, Status::terminated}) {
    const Key key = create_in(Status::waiting, "s" + std::to_string(static_cast<int>(status)));
    control(key, status == Status::paused ? Command::pause : Command::terminate);
  }
  EXPECT_TRUE(store().due({}, Time::max(), 10).empty());
}

TEST_P(ReadsTest, AReadSeesEveryGroupThatHasReturned) {
  const CreateBatch first = batch({"first"});
  apply<Created>(first);
  std::atomic<Key> acknowledged{first.first_key};
  std::atomic<bool> done{false};
  std::atomic<int> missed{0};
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&] {
      while (!done) {
        const Key key = acknowledged;
        if (!store().history(key)) ++missed;
        ListQuery newest;
        newest.limit = 1;
        const auto page = store().list(newest);
        if (page.empty() || page[0].key < key) ++missed;
      }
    });
  }
  for (int round = 0; round < 200; ++round) {
    CreateBatch one = first;
    one.first_key = store().ownership().next_key;
    one.rows[0].id = std::to_string(round);
    apply<Created>(one);
    acknowledged = one.first_key;
    store().maintain(Demand::quiet);
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(missed, 0);
}

}  // namespace
}  // namespace cairn::testing
