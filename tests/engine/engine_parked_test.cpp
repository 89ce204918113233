#include "tests/engine/engine_fixture.hpp"
#include "tests/forwarding_store.hpp"

#include <cairn/health.hpp>

#include <atomic>
#include <functional>
#include <stdexcept>
#include <thread>

// Parked instances are seen wherever one looks, and resumed together.
namespace cairn::tests {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Task<int> one(Context& ctx) {
  co_await ctx.step("a", [] {});
  co_await ctx.wait_for_event("go", {.type = "go"});
  co_return 1;
}

Task<int> other(Context& ctx) {
  co_await ctx.step("b", [] {});
  co_return 2;
}

class StoreWithoutErrors final : public testing::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  [[nodiscard]] std::vector<std::optional<ErrorRecord>> errors(std::span<const Key> /*keys*/) const override {
    throw std::runtime_error{"a page is damaged"};
  }
};

class CountingStore final : public testing::ForwardingStore {
 public:
  CountingStore(std::unique_ptr<Store> store, std::shared_ptr<std::atomic<int>> groups)
      : ForwardingStore(std::move(store)), groups_(std::move(groups)) {}
  std::vector<Outcome> apply(std::span<const Change> group, Time now) override {
    ++*groups_;
    return ForwardingStore::apply(group, now);
  }

 private:
  std::shared_ptr<std::atomic<int>> groups_;
};

// Has something happen when errors are asked for.
class StoreWithHook final : public testing::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  [[nodiscard]] std::vector<std::optional<ErrorRecord>> errors(std::span<const Key> keys) const override {
    if (on_errors) on_errors();
    return ForwardingStore::errors(keys);
  }
  std::function<void()> on_errors = {};
};

class ParkedTest : public EngineTest {
 protected:
  // Instances of "w" that wait for an event, and an engine that has not begun to run other code for them.
  void create_waiting(const std::vector<std::string>& ids) {
    Engine engine{open_file(), options()};
    auto workflow = engine.define("w", one);
    engine.start();
    for (const std::string& id : ids) {
      auto instance = workflow.create({.id = id});
      while (instance.status() != Status::waiting) std::this_thread::yield();
    }
  }

  template <class Out>
  void park(Workflow<void, Out>& workflow, const std::vector<std::string>& ids) {
    for (const std::string& id : ids) {
      workflow.get(id).send_event("go", nullptr);
      log->wait_for("parked \"" + id + '"');
    }
  }

  static std::vector<std::string> parked(const Engine& engine) {
    std::vector<std::string> messages;
    for (const Complaint& complaint : engine.health().complaints) {
      if (complaint.code == "parked") messages.push_back(complaint.message);
    }
    return messages;
  }
};

TEST_F(ParkedTest, InstancesAreSeenInHealthLogListAndDescription) {
  create_waiting({"order-1", "order-2"});
  Engine engine{open_file(), options()};
  auto workflow = engine.define("w", other);
  engine.start();
  EXPECT_EQ(engine.health().state, HealthState::ok);
  park(workflow, {"order-1", "order-2"});
  EXPECT_EQ(engine.health().state, HealthState::degraded);
  EXPECT_THAT(parked(engine), ElementsAre(AllOf(HasSubstr("2 instances of workflow \"w\" are parked"),
                                                HasSubstr("\"order-1\": NonDeterminism"))));
  const Page page = workflow.list();
  ASSERT_EQ(page.instances.size(), 2U);
  for (const InstanceSummary& instance : page.instances) {
    ASSERT_TRUE(instance.error) << instance.id;
    EXPECT_EQ(instance.error->name, "NonDeterminism");
    EXPECT_THAT(instance.error->message, HasSubstr("\"b-1\""));
  }
  EXPECT_FALSE(workflow.list({.errors = false}).instances[0].error);
  EXPECT_EQ(workflow.get("order-1").describe().error, page.instances[1].error);
}

TEST_F(ParkedTest, InstancesOfAnEarlierLifeAreSeenAtTheStart) {
  create_waiting({"order-1"});
  {
    Engine engine{open_file(), options()};
    auto workflow = engine.define("w", other);
    engine.start();
    park(workflow, {"order-1"});
  }
  Engine engine{open_file(), options()};
  engine.start();
  EXPECT_THAT(parked(engine),
              ElementsAre(HasSubstr("1 instance of workflow \"w\" is parked; the oldest is \"order-1\"")))
      << "whoever has started may ask at once";
}

TEST_F(ParkedTest, InstancesAreResumedTogether) {
  std::vector<std::string> ids;
  for (int i = 0; i < 20; ++i) ids.push_back("order-" + std::to_string(i));
  create_waiting(ids);
  const std::vector<std::string> parked_ids{ids.begin() + 1, ids.end()};
  {
    Engine engine{open_file(), options()};
    auto workflow = engine.define("w", other);
    engine.start();
    workflow.get(ids[0]).pause();
    park(workflow, parked_ids);
    EXPECT_EQ(engine.resume_parked({.workflow = "w", .error = "TypeMismatch"}), 0U);
    EXPECT_EQ(engine.resume_parked(), parked_ids.size());
    while (log->count("parked \"") < 2 * parked_ids.size())
      std::this_thread::yield();  // the code is still wrong
  }
  Engine engine{open_file(), options()};
  auto workflow = engine.define("w", one);
  engine.start();
  EXPECT_EQ(refusal([&] { engine.resume_parked({.workflow = "v"}); }).first, Errc::workflow_not_found);
  EXPECT_EQ(engine.resume_parked({.workflow = "w", .error = "NonDeterminism"}), parked_ids.size());
  for (const std::string& id : parked_ids) EXPECT_EQ(workflow.get(id).wait(), 1);
  EXPECT_EQ(workflow.get(ids[0]).status(), Status::paused) << "by hand";
  EXPECT_THAT(parked(engine), IsEmpty());
  EXPECT_EQ(engine.resume_parked(), 0U);
}

TEST_F(ParkedTest, InstancesAreResumedBeforeTheStart) {
  create_waiting({"order-1", "order-2"});
  {
    Engine engine{open_file(), options()};
    auto workflow = engine.define("w", other);
    engine.start();
    park(workflow, {"order-1", "order-2"});
  }
  Engine engine{open_file(), options()};
  auto workflow = engine.define("w", one);
  EXPECT_EQ(engine.resume_parked(), 2U);
  engine.start();
  EXPECT_EQ(workflow.get("order-2").wait(), 1);
}

TEST_F(ParkedTest, InstancesStayParkedThatAStopComesBefore) {
  constexpr std::size_t count = 1'200;
  {
    Engine engine{open_file(), options()};
    engine.define("w", [](Context& /*ctx*/, int number) -> Task<int> { co_return number; });
    engine.start();
    auto workflow = engine.workflow("w");
    std::vector<NewInstance<json>> batch(count);
    for (NewInstance<json>& instance : batch) instance.params = "no number";
    workflow.create_batch(std::move(batch));
    while (log->count("parked \"") < count) std::this_thread::yield();
  }
  auto store = std::make_unique<StoreWithHook>(open_file());
  StoreWithHook& hook = *store;
  Engine engine{std::move(store), options()};
  auto workflow = engine.define("w", [](Context& /*ctx*/, int number) -> Task<int> { co_return number; });
  std::size_t reads = 0;
  hook.on_errors = [&] {
    if (++reads < 2) return;
    EXPECT_TRUE(engine.stop(0ms));
  };
  const std::size_t resumed = engine.resume_parked();
  hook.on_errors = {};
  EXPECT_EQ(reads, 2U);
  EXPECT_GT(resumed, 0U);
  EXPECT_LT(resumed, count);
  std::size_t queued = 0;
  ListFilter filter{.status = Status::queued, .limit = 1'000};
  for (bool more = true; more; more = !filter.cursor.empty()) {
    Page page = workflow.list(filter);
    queued += page.instances.size();
    filter.cursor = page.cursor;
  }
  EXPECT_EQ(queued, resumed);
  EXPECT_EQ(refusal([&] { engine.resume_parked(); }).first, Errc::engine_stopped);
}

TEST_F(ParkedTest, InstancesAreResumedInFewCommitsAlsoBeforeTheStartAndFromABody) {
  std::vector<std::string> ids;
  for (int i = 0; i < 50; ++i) ids.push_back("order-" + std::to_string(i));
  create_waiting(ids);
  {
    Engine engine{open_file(), options()};
    auto workflow = engine.define("w", other);
    engine.start();
    park(workflow, ids);
  }
  const auto groups = std::make_shared<std::atomic<int>>();
  Engine engine{std::make_unique<CountingStore>(open_file(), groups), options()};
  auto workflow = engine.define("w", other);
  auto resuming = engine.define("resuming", [&](Context& ctx) -> Task<int> {
    co_return co_await ctx.step("all", [&] {
      const int before = *groups;
      const std::size_t resumed = engine.resume_parked({.workflow = "w"});
      EXPECT_EQ(resumed, ids.size());
      return *groups - before;
    });
  });
  *groups = 0;
  EXPECT_EQ(engine.resume_parked(), ids.size());
  EXPECT_LE(*groups, 3);
  const std::size_t parked_before = log->count("parked \"");
  engine.start();
  while (log->count("parked \"") < parked_before + ids.size()) std::this_thread::yield();
  EXPECT_LE(resuming.create({}).wait(), 10)
      << "those that are parked again at once have commits of their own";
}

TEST_F(ParkedTest, InstancesWhoseErrorsCannotBeReadHoldUpNobody) {
  create_waiting({"order-1"});
  {
    Engine engine{open_file(), options()};
    auto workflow = engine.define("w", other);
    engine.start();
    park(workflow, {"order-1"});
  }
  Engine engine{std::make_unique<StoreWithoutErrors>(open_file()), options()};
  auto workflow = engine.define("v", other);
  engine.start();
  EXPECT_EQ(workflow.create({.id = "x"}).wait(), 2);
  const Health health = engine.health();
  EXPECT_EQ(health.state, HealthState::degraded);
  ASSERT_EQ(health.complaints.size(), 1U);
  EXPECT_EQ(health.complaints[0].code, "parked_unread");
  EXPECT_THAT(health.complaints[0].message, HasSubstr("a page is damaged"));
}

// Version 2 inserts a step under a name that the record has.
TEST_F(ParkedTest, AnAdoptionInDoubtIsSeenInHealthLogAndDescription) {
  create_waiting({"x"});
  const auto inserted = [](Context& ctx) -> Task<int> {
    co_await ctx.step("a", [] {});
    co_await ctx.step("a", [] {});
    co_await ctx.wait_for_event("go", {.type = "go"});
    co_return 2;
  };
  for (int life = 1; life <= 2; ++life) {
    Engine engine{open_file(), options()};
    auto workflow = engine.define("w", inserted, {.version = "2", .adopts = {"1"}});
    engine.start();
    auto instance = workflow.get("x");
    if (life == 1) {
      instance.send_event("go", nullptr);
      EXPECT_EQ(instance.wait(), 2);
      log->wait_for("\"x\" of workflow \"w\": the adopting code asks for step \"a-2\"");
      ASSERT_EQ(engine.health().complaints.size(), 1U);
      EXPECT_EQ(engine.health().complaints[0].code, "adopted_in_doubt");
      EXPECT_THAT(engine.health().complaints[0].message, HasSubstr("\"x\""));
    }
    const InstanceDetail detail = instance.describe();
    ASSERT_EQ(detail.steps.size(), 3U);
    EXPECT_THAT(detail.steps[0].warning, IsEmpty());
    EXPECT_THAT(detail.steps[2].warning, HasSubstr("\"a-2\"")) << "the third to begin, in life " << life;
  }
}

TEST_F(ParkedTest, InstancesThatEndedByAnErrorShowItInAList) {
  Engine engine{open_file(), options()};
  auto workflow = engine.define("w", [](Context& ctx) -> Task<void> {
    co_await ctx.step("a", [] { throw NonRetryableError{"the card is void"}; });
  });
  engine.start();
  EXPECT_THROW(workflow.create({.id = "x"}).wait(), InstanceError);
  const Page page = workflow.list();
  ASSERT_TRUE(page.instances.at(0).error);
  EXPECT_EQ(page.instances[0].error->message, "the card is void");
}

}  // namespace
}  // namespace cairn::tests
