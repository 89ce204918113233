#include "tests/engine/engine_fixture.hpp"
#include "tests/forwarding_store.hpp"

#include <cstdint>
#include <limits>

// What `create` and `create_batch` take, refuse and answer.
namespace cairn::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

struct Payment {
  std::string card;
  int cents = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Payment, card, cents)

Task<std::string> pay(Context& /*ctx*/, Payment payment) {
  co_return payment.card + " " + std::to_string(payment.cents);
}

Task<json> give_back(Context& /*ctx*/, json params) {
  co_return params;
}

class CreateTest : public EngineTest {
 protected:
  EngineOptions narrow() {
    EngineOptions narrow = options();
    narrow.limits.params_bytes = 40;
    narrow.limits.batch_bytes = 100;
    narrow.limits.batch_entries = 5;
    return narrow;
  }

  // The refusal of a batch, after which nothing stands in the store.
  std::pair<Errc, std::string> refused(std::vector<NewInstance<Payment>> batch, BatchOptions how = {}) {
    auto result = refusal([&] { payments.create_batch(std::move(batch), how); });
    EXPECT_THAT(payments.list().instances, IsEmpty());
    return result;
  }

  Engine engine{open_memory(), narrow()};
  Workflow<Payment, std::string> payments = engine.define("payments", pay);
  Workflow<json, json> anything = engine.define("anything", give_back);
};

TEST_F(CreateTest, LimitsAboveWhatAStoreHoldsAreRefused) {
  for (std::size_t Limits::*limit : {&Limits::params_bytes, &Limits::result_bytes, &Limits::event_bytes}) {
    EngineOptions wide = options();
    wide.limits.*limit = std::size_t{512} << 20;
    Engine{open_memory(), wide};
    ++(wide.limits.*limit);
    const auto [code, message] = refusal([&] { Engine(open_memory(), wide); });
    EXPECT_EQ(code, Errc::invalid_argument);
    EXPECT_THAT(message, HasSubstr("must be at most 512 MiB"));
  }
}

TEST_F(CreateTest, ParamsThatAreTextAlreadyAreStoredAsTheyAre) {
  std::vector<NewInstance<JsonText>> batch(3);
  batch[0] = {.id = "a", .params = JsonText{json::parse(R"({"b":[1,2.5,null]})")}};
  batch[1] = {.id = "a"};
  batch[2] = {.id = "c"};
  const BatchResult result = anything.create_batch_text(batch);
  ASSERT_THAT(result.created, SizeIs(2));
  ASSERT_THAT(result.skipped, SizeIs(1));
  EXPECT_EQ(anything.get("a").describe_text().params.text(), R"({"b":[1,2.5,null]})");
  EXPECT_EQ(anything.get("c").describe().params, json::object());
  batch[2].params = JsonText{json(std::string(39, 'x'))};
  const auto [code, message] = refusal([&] { anything.create_batch_text(batch); });
  EXPECT_EQ(code, Errc::too_large);
  EXPECT_THAT(message, StartsWith("[2].params: "));
}

TEST_F(CreateTest, GeneratedIdsAreUuidsOfVersion7AndRiseWithinABatch) {
  Engine wide{open_memory(), options()};
  auto workflow = wide.define("payments", pay);
  constexpr std::size_t more_than_one_millisecond_holds = 5'000;
  const BatchResult batch = workflow.create_batch(
      std::vector<NewInstance<Payment>>(more_than_one_millisecond_holds));
  ASSERT_THAT(batch.created, SizeIs(more_than_one_millisecond_holds));
  std::string before;
  for (const CreatedInstance& created : batch.created) {
    ASSERT_EQ(created.id.size(), 36U);
    ASSERT_EQ(created.id[14], '7') << created.id;
    ASSERT_NE(std::string_view{"89ab"}.find(created.id[19]), std::string_view::npos) << created.id;
    ASSERT_LT(before, created.id);
    before = created.id;
  }
}

// Counts the ids that it is asked about.
class AskedStore final : public testing::ForwardingStore {
 public:
  explicit AskedStore(std::size_t& ids) : ForwardingStore{open_memory()}, ids_{ids} {}
  [[nodiscard]] std::vector<bool> taken(std::span<const WantedId> ids) override {
    ids_ += ids.size();
    return ForwardingStore::taken(ids);
  }

 private:
  std::size_t& ids_;
};

TEST_F(CreateTest, TheStoreIsNotAskedAboutIdsThatTheEngineHasMade) {
  std::size_t asked = 0;
  Engine begun{std::make_unique<AskedStore>(asked), options()};
  auto workflow = begun.define("payments", pay);
  begun.start();
  workflow.create(NewInstance<Payment>{});
  EXPECT_THAT(workflow.create_batch(std::vector<NewInstance<Payment>>(100)).created, SizeIs(100));
  EXPECT_EQ(asked, 0U);
  workflow.create_batch({{}, {.id = "chosen"}});
  EXPECT_EQ(asked, 1U);
  for (const InstanceSummary& one : workflow.list().instances) workflow.get(one.id).wait();
}

TEST_F(CreateTest, ABatchAnswersInItsOwnOrder) {
  const BatchResult batch = payments.create_batch({{.id = "b"}, {.id = "a"}, {.id = "c"}});
  ASSERT_THAT(batch.created, SizeIs(3));
  EXPECT_EQ(batch.created[0].id, "b");
  EXPECT_EQ(batch.created[1].id, "a");
  EXPECT_EQ(batch.created[2].id, "c");
  for (const CreatedInstance& created : batch.created) {
    EXPECT_EQ(created.status, Status::queued);
    EXPECT_EQ(created.workflow_id, payments.workflow_id());
    EXPECT_EQ(created.version_id, payments.version_id());
  }
}

TEST_F(CreateTest, TakenAndRepeatedIdsAreSkipped) {
  payments.create({.id = "taken"});
  const BatchResult batch = payments.create_batch({{.id = "taken"}, {.id = "new"}, {.id = "new"}});
  ASSERT_THAT(batch.created, SizeIs(1));
  EXPECT_EQ(batch.created[0].id, "new");
  ASSERT_THAT(batch.skipped, SizeIs(2));
  EXPECT_EQ(batch.skipped[0].index, 0U);
  EXPECT_EQ(batch.skipped[0].id, "taken");
  EXPECT_EQ(batch.skipped[0].code, Errc::instance_already_exists);
  EXPECT_EQ(batch.skipped[1].index, 2U);
  EXPECT_EQ(batch.skipped[1].id, "new");
  EXPECT_EQ(batch.skipped[1].code, Errc::duplicate_in_batch);
}

TEST_F(CreateTest, TheSameBatchAgainCreatesNothingTwice) {
  const std::vector<NewInstance<Payment>> batch{{.id = "a"}, {.id = "b"}};
  EXPECT_THAT(payments.create_batch(batch).created, SizeIs(2));
  const BatchResult again = payments.create_batch(batch);
  EXPECT_THAT(again.created, IsEmpty());
  EXPECT_THAT(again.skipped, SizeIs(2));
  EXPECT_THAT(payments.list().instances, SizeIs(2));
}

TEST_F(CreateTest, AConflictMayRefuseTheWholeBatch) {
  anything.create({.id = "taken"});
  const auto [code, message] = refusal([&] {
    anything.create_batch({{.id = "new"}, {.id = "taken"}}, {.on_conflict = OnConflict::fail});
  });
  EXPECT_EQ(code, Errc::instance_already_exists);
  EXPECT_THAT(message, StartsWith("[1].instance_id: \"taken\""));
  EXPECT_FALSE(anything.find("new"));

  const auto [repeated, where] = refused({{.id = "new"}, {.id = "new"}}, {.on_conflict = OnConflict::fail});
  EXPECT_EQ(repeated, Errc::duplicate_in_batch);
  EXPECT_THAT(where, StartsWith("[1].instance_id: \"new\""));
}

TEST_F(CreateTest, ASingleIdThatIsTakenIsRefused) {
  payments.create({.id = "a", .params = {"visa", 1}});
  const auto [code, message] = refusal([&] { payments.create({.id = "a", .params = {"amex", 2}}); });
  EXPECT_EQ(code, Errc::instance_already_exists);
  EXPECT_THAT(message, StartsWith("instance_id: \"a\""));
  EXPECT_EQ(payments.get("a").describe().params.at("card"), "visa");
  anything.create({.id = "a"});  // ids are a workflow's own
}

TEST_F(CreateTest, ABadEntryIsNamedByIndexAndFieldAndNothingIsCreated) {
  using Batch = std::vector<NewInstance<Payment>>;
  const std::string not_utf8 = "\xff";
  const std::vector<std::tuple<Batch, Errc, std::string>> cases{
      {{{.id = "fine"}, {.id = "not fine!"}}, Errc::invalid_argument, "[1].instance_id: "},
      {{{.id = "fine"}, {.id = "batch"}}, Errc::invalid_argument, "[1].instance_id: "},
      {{{.id = "fine"}, {}, {.id = std::string(101, 'a')}}, Errc::invalid_argument, "[2].instance_id: "},
      {{{}, {.retention = {.success = 0ms}}},
       Errc::invalid_argument,
       "[1].instance_retention.success_retention: "},
      {{{}, {.retention = {.error = -5ms}}},
       Errc::invalid_argument,
       "[1].instance_retention.error_retention: "},
      {{{}, {.params = {std::string(40, 'v'), 1}}}, Errc::too_large, "[1].params: "},
      {{{}, {.params = {not_utf8, 1}}}, Errc::invalid_argument, "[1].params.card: "},
  };
  for (const auto& [batch, expected, where] : cases) {
    const auto [code, message] = refused(batch);
    EXPECT_EQ(code, expected) << where;
    EXPECT_THAT(message, StartsWith(where));
  }
}

TEST_F(CreateTest, OfASingleOneTheFieldIsNamed) {
  const std::vector<std::tuple<NewInstance<Payment>, Errc, std::string>> cases{
      {{.id = "-a"}, Errc::invalid_argument, "instance_id: "},
      {{.params = {"\xff", 1}}, Errc::invalid_argument, "params.card: "},
      {{.params = {std::string(40, 'v'), 1}}, Errc::too_large, "params: "},
      {{.retention = {.success = duration_max + 1ms}},
       Errc::invalid_argument,
       "instance_retention.success_retention: "},
  };
  for (const auto& [instance, expected, where] : cases) {
    const auto [code, message] = refusal([&, one = instance] { payments.create(one); });
    EXPECT_EQ(code, expected) << where;
    EXPECT_THAT(message, StartsWith(where));
  }
  EXPECT_THAT(payments.list().instances, IsEmpty());
}

TEST_F(CreateTest, NumbersThatAreNoJsonAreRefused) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto [code, message] = refusal([&] { anything.create_batch({{}, {.params = {{"a", {1.0, nan}}}}}); });
  EXPECT_EQ(code, Errc::invalid_argument);
  EXPECT_THAT(message, StartsWith("[1].params.a[1]: "));
}

TEST_F(CreateTest, BatchesHaveLimits) {
  auto [code, message] = refused({});
  EXPECT_EQ(code, Errc::invalid_argument);
  EXPECT_THAT(message, HasSubstr("at least one"));

  std::tie(code, message) = refused(std::vector<NewInstance<Payment>>(6));
  EXPECT_EQ(code, Errc::invalid_argument);
  EXPECT_THAT(message, HasSubstr("at most 5 entries; got 6"));

  std::tie(code,
           message) = refused(std::vector<NewInstance<Payment>>(5, {.params = {std::string(10, 'v'), 1}}));
  EXPECT_EQ(code, Errc::too_large);
  EXPECT_THAT(message, HasSubstr("at most 100 bytes together"));
}

TEST_F(CreateTest, AHundredThousandEntriesAreOneBatch) {
  Engine wide{open_memory(), options()};
  auto workflow = wide.define("payments", pay);
  const BatchResult batch = workflow.create_batch(std::vector<NewInstance<Payment>>(100'000));
  EXPECT_THAT(batch.created, SizeIs(100'000));
  EXPECT_EQ(workflow.get(batch.created.back().id).status(), Status::queued);
}

TEST_F(CreateTest, ParamsComeThroughAsTheyAre) {
  engine.start();
  EXPECT_EQ(payments.create({.params = {"visa", 42}}).wait(), "visa 42");
  for (const json& params :
       {json("text"), json(nullptr), json(0.5), json({1, "a", nullptr}), json{{"a", {{"b", true}}}}}) {
    EXPECT_EQ(anything.create({.params = params}).wait(), params);
  }
}

TEST_F(CreateTest, MissingParamsAreTheTypesOwnDefault) {
  engine.start();
  EXPECT_EQ(payments.create({}).wait(), " 0");
  EXPECT_EQ(anything.create({}).wait(), json::object());
}

TEST_F(CreateTest, UntypedParamsAreCheckedAgainstTheInputOfTheFunction) {
  const Workflow<json, json> untyped = engine.workflow("payments");
  untyped.check_params({{"card", "visa"}, {"cents", 1}}, "params");
  const auto [code, message] = refusal([&] {
    untyped.check_params({{"card", "visa"}, {"cents", "many"}}, "[3].params");
  });
  EXPECT_EQ(code, Errc::invalid_argument);
  EXPECT_THAT(message, StartsWith("[3].params.cents: "));
}

TEST_F(CreateTest, ReadingAndControllingWorkBeforeStart) {
  auto instance = payments.create({.id = "early"});
  instance.send_event("hello", {{"n", 1}});
  EXPECT_EQ(instance.status(), Status::queued);
  EXPECT_EQ(instance.describe().buffered_events, 1U);
  instance.pause();
  EXPECT_EQ(instance.status(), Status::paused);
  instance.resume();
  EXPECT_EQ(instance.status(), Status::queued);
  instance.terminate();
  EXPECT_EQ(instance.status(), Status::terminated);
  instance.restart();
  EXPECT_EQ(instance.status(), Status::queued);
  engine.start();
  EXPECT_EQ(instance.wait(), " 0");
}

TEST_F(CreateTest, RequestsThatBreakARuleNameTheFieldAndChangeNothing) {
  auto instance = anything.create({});
  auto [code, message] = refusal([&] { instance.send_event("not a type", {}); });
  EXPECT_EQ(code, Errc::invalid_argument);
  EXPECT_THAT(message, StartsWith("event_type: "));
  std::tie(code, message) = refusal([&] { instance.send_event("type", json{{"a", "\xff"}}); });
  EXPECT_EQ(code, Errc::invalid_argument);
  EXPECT_THAT(message, StartsWith("payload.a: "));
  EXPECT_EQ(instance.describe().buffered_events, 0U);

  instance.terminate();
  std::tie(code, message) = refusal([&] { instance.send_event("type", {}); });
  EXPECT_EQ(code, Errc::cannot_send_event);
  EXPECT_THAT(message, HasSubstr("terminated"));
  EXPECT_EQ(refusal([&] { instance.pause(); }).first, Errc::cannot_pause);
  EXPECT_EQ(refusal([&] { instance.resume(); }).first, Errc::cannot_resume);
  EXPECT_EQ(refusal([&] { instance.terminate(); }).first, Errc::cannot_terminate);
}

TEST_F(CreateTest, AnIdThatNobodyBearsIsNotFound) {
  EXPECT_FALSE(payments.find("nobody"));
  const auto [code, message] = refusal([&] { static_cast<void>(payments.get("nobody")); });
  EXPECT_EQ(code, Errc::instance_not_found);
  EXPECT_THAT(message, HasSubstr("\"nobody\""));
}

}  // namespace
}  // namespace cairn::tests
