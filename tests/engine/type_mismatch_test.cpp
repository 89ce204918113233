// Code whose types have changed since the record was written.

#include "tests/engine/harness.hpp"

#include <gmock/gmock.h>

namespace cairn::testing {

namespace old_code {
struct Order {
  std::string id;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Order, id)
struct Charge {
  std::string id;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Charge, id)
}  // namespace old_code

namespace new_code {
struct Order {
  std::string id;
  bool express = false;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Order, id, express)
struct Charge {
  std::string id;
  std::string currency;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Charge, id, currency)
}  // namespace new_code

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

template <class Charge, class Order>
Task<std::string> fulfil(Context& ctx, Order order) {
  Charge charge = co_await ctx.step("charge", [&] {
    Charge made;
    made.id = "ch-" + order.id;
    return made;
  });
  co_await ctx.wait_for_event("approval", {.type = "approved"});
  co_return charge.id;
}

class TypeMismatch : public ConductorTest {
 protected:
  // It has charged, and waits for its approval.
  Key create_charged() {
    h.define("orders", fulfil<old_code::Charge, old_code::Order>);
    const Key key = h.create("orders", "it", R"({"id":"1"})");
    h.run_body();
    EXPECT_EQ(h.status(key), Status::waiting);
    return key;
  }

  template <class Function>
  void replace(Function function) {
    h.define("orders", function);
    h.crash();
  }

  void expect_parked(Key key) {
    EXPECT_EQ(h.status(key), Status::paused);
    EXPECT_EQ(h.error(key).name, "TypeMismatch");
    EXPECT_EQ(h.journal().size(), 1U) << "no body ran";
    EXPECT_TRUE(h.bodies().empty());
    EXPECT_EQ(h.conductor().residents(), 0U);
    EXPECT_EQ(h.conductor().running(), 0U);
  }

  void expect_to_go_on(Key key) {
    h.resume(key);
    EXPECT_EQ(h.error(key).name, "");
    h.finish();
    EXPECT_EQ(h.output(key), R"("ch-1")");
    EXPECT_EQ(h.ran("it/charge-1#1"), 1U);
  }
};

TEST_F(TypeMismatch, OfAStepsResultParksItNamingTheStepTheMemberAndBothTypes) {
  const Key key = create_charged();
  replace(fulfil<new_code::Charge, old_code::Order>);
  h.send(key, "approved");
  expect_parked(key);
  EXPECT_THAT(h.error(key).message,
              AllOf(HasSubstr(R"(step "charge-1": recorded result: lacks 'currency')"),
                    HasSubstr("the record has an object"), HasSubstr("new_code::Charge")));
  EXPECT_EQ(h.history(key).events.size(), 1U) << "the event that woke it is kept";
  replace(fulfil<old_code::Charge, old_code::Order>);
  EXPECT_EQ(h.status(key), Status::paused);
  expect_to_go_on(key);
}

TEST_F(TypeMismatch, OfTheParamsParksIt) {
  const Key key = create_charged();
  replace(fulfil<old_code::Charge, new_code::Order>);
  h.send(key, "approved");
  expect_parked(key);
  EXPECT_THAT(h.error(key).message,
              AllOf(HasSubstr("params: lacks 'express'"), HasSubstr("the record has an object"),
                    HasSubstr("new_code::Order")));
  replace(fulfil<old_code::Charge, old_code::Order>);
  expect_to_go_on(key);
}

TEST_F(TypeMismatch, OfParamsParksAnInstanceThatHasNotBegun) {
  Harness late;
  late.define("orders", fulfil<old_code::Charge, old_code::Order>);
  const Key key = late.create("orders", "it", R"({"id":1})");
  late.begin();
  EXPECT_EQ(late.status(key), Status::paused);
  EXPECT_THAT(late.error(key).message, HasSubstr("params.id: must be a string, is a number"));
  late.define("orders", [](Context&, json order) -> Task<int> { co_return order.at("id").get<int>(); });
  late.resume(key);
  EXPECT_EQ(late.output(key), "1");
  late.expect_at_rest();
}

TEST_F(TypeMismatch, OfAnotherKindNamesBothKinds) {
  const Key key = create_charged();
  replace([](Context& ctx, old_code::Order) -> Task<int> {
    std::vector<int> charge = co_await ctx.step("charge", [] { return std::vector<int>{1}; });
    co_return charge[0];
  });
  h.send(key, "approved");
  expect_parked(key);
  EXPECT_THAT(h.error(key).message,
              AllOf(HasSubstr("must be an array, is an object"), HasSubstr("std::vector<int")));
}

TEST_F(TypeMismatch, OfANumberThatItsTypeCannotHoldParksIt) {
  h.define("w", [](Context& ctx) -> Task<int> {
    int number = co_await ctx.step("n", [] { return 70'000; });
    co_await ctx.sleep("nap", 1h);
    co_return number;
  });
  const Key key = h.create("w");
  h.run_body();
  h.define("w", [](Context& ctx) -> Task<int> {
    std::int16_t number = co_await ctx.step("n", [] { return std::int16_t{7}; });
    co_await ctx.sleep("nap", 1h);
    co_return number;
  });
  h.crash();
  h.move(1h);
  EXPECT_EQ(h.status(key), Status::paused);
  EXPECT_THAT(h.error(key).message, AllOf(HasSubstr("70000"), HasSubstr("short")));
}

TEST_F(TypeMismatch, IsSwallowedByNoCode) {
  const Key key = create_charged();
  replace([](Context& ctx, old_code::Order) -> Task<std::string> {
    std::string id;
    try {
      new_code::Charge charge = co_await ctx.step("charge", [] { return new_code::Charge{}; });
      id = charge.id;
    } catch (...) {
      id = "lost";
    }
    co_await ctx.step("refund", [] {});
    co_return id;
  });
  h.send(key, "approved");
  expect_parked(key);
}

TEST_F(TypeMismatch, IsSeenOnceAdoptingCodeReadsTheRecord) {
  const Key key = create_charged();
  h.forget("orders");
  h.define("orders", fulfil<new_code::Charge, old_code::Order>, {.version = "2", .adopts = {"1"}});
  h.crash();
  EXPECT_EQ(h.status(key), Status::waiting) << "nobody has looked at it yet";
  h.send(key, "approved");
  expect_parked(key);
  h.forget("orders");
  h.define("orders", fulfil<old_code::Charge, old_code::Order>, {.version = "3", .adopts = {"1", "2"}});
  h.crash();
  expect_to_go_on(key);
}

TEST_F(TypeMismatch, IsGoneAfterARestart) {
  const Key key = create_charged();
  replace(fulfil<new_code::Charge, old_code::Order>);
  h.send(key, "approved");
  expect_parked(key);
  h.restart(key);
  h.run_bodies();
  h.send(key, "approved");
  EXPECT_EQ(h.output(key), R"("ch-1")");
  EXPECT_EQ(h.row(key).run, 2);
}

TEST_F(TypeMismatch, ParksAgainWhileTheCodeCannotReadIt) {
  const Key key = create_charged();
  replace(fulfil<new_code::Charge, old_code::Order>);
  h.send(key, "approved");
  h.resume(key);
  expect_parked(key);
  h.terminate(key);
  EXPECT_EQ(h.status(key), Status::terminated);
}

TEST_F(TypeMismatch, OfWhatTheCodeItselfReadsIsAnErrorOfTheCode) {
  h.define("w", [](Context& ctx) -> Task<int> {
    Event event = co_await ctx.wait_for_event("wait", {.type = "go"});
    int value = event.payload.get<int>();
    co_return value;
  });
  const Key key = h.create("w");
  h.send(key, "go", R"("text")");
  EXPECT_EQ(h.status(key), Status::errored);
  EXPECT_EQ(h.error(key).name, "Error");
}

TEST_F(TypeMismatch, IsNotWhatAPayloadOfTheGreatestDepthIs) {
  h.define("w", [](Context& ctx) -> Task<bool> {
    Event event = co_await ctx.wait_for_event("wait", {.type = "go"});
    bool is_array = event.payload.is_array();
    co_await ctx.sleep("nap", 1h);
    co_return is_array;
  });
  const std::size_t depth = Limits{}.json_depth;
  const Key key = h.create("w");
  h.send(key, "go", std::string(depth, '[') + std::string(depth, ']'));
  EXPECT_EQ(h.status(key), Status::waiting) << h.error(key).message;
  h.crash();
  h.move(1h);
  EXPECT_EQ(h.output(key), "true");
}

TEST_F(TypeMismatch, OfWhatIsNoJsonIsDamage) {
  h.define("w", [](Context& ctx) -> Task<int> {
    int one = co_await ctx.step("s", [] { return 1; });
    co_await ctx.sleep("nap", 1h);
    co_return one;
  });
  const Key key = h.create("w");
  const StepResult damage{.started_seq = 1, .ended_seq = 2, .output = "{\"a", .at = h.now()};
  h.store().apply_plain(Advance{.key = key, .results = {damage}}, h.now());
  h.crash();
  EXPECT_EQ(h.status(key), Status::paused);
  EXPECT_EQ(h.error(key).name, "DamagedRecord");
  EXPECT_THAT(h.error(key).message, HasSubstr(R"(step "s-1")"));
}

// The other branches' results are recorded, and no second tree of frames begins beside their bodies.
TEST_F(TypeMismatch, ThatShowsWhileABodyRunsParksItAndKeepsTheBodysResult) {
  h.define("orders", fulfil<old_code::Charge, old_code::Order>);
  const Key key = h.create("orders", "it", R"({"id":"1"})");
  h.run_body();
  h.forget("orders");
  const auto late_reader = [](Context& ctx) -> Task<std::string> {
    co_await ctx.step("inserted", [] {});
    new_code::Charge charge = co_await ctx.step("charge", [] { return new_code::Charge{}; });
    co_return charge.id;
  };
  h.define("orders",
           [late_reader](Context& ctx, old_code::Order) -> Task<std::string> {
             auto slow = ctx.step("slow", [] { return std::string{"s"}; });
             auto [one, two] = co_await all(std::move(slow), late_reader(ctx));
             co_return one + two;
           },
           {.version = "2", .adopts = {"1"}});
  h.crash();
  h.send(key, "approved");
  ASSERT_EQ(h.bodies().size(), 2U);
  h.run_body("inserted-1");
  EXPECT_EQ(h.status(key), Status::paused);
  EXPECT_EQ(h.error(key).name, "TypeMismatch");
  ASSERT_EQ(h.bodies().size(), 1U);
  h.resume(key);
  EXPECT_EQ(h.bodies().size(), 1U) << "it waits for the body of the tree before";
  h.run_body("slow-1");
  EXPECT_TRUE(h.step(key, "slow-1").ended_seq);
  EXPECT_EQ(h.status(key), Status::paused) << "the code still cannot read it";
  EXPECT_EQ(h.ran("it/slow-1#1"), 1U);
}

}  // namespace
}  // namespace cairn::testing
