#include "tests/engine/engine_fixture.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <limits>
#include <stdexcept>
#include <string>

// A value that is no JSON, or too much: whoever reads the error, in a log or a description, learns whose it
// is.
namespace cairn::tests {

struct Bill {
  double cents = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Bill, cents)

// Its conversion throws what is the host's own.
struct Sealed {};
struct SealedError : Error {
  SealedError() : Error(Errc::invalid_argument, "sealed") {}
};
void to_json(json& /*out*/, const Sealed& /*value*/) {
  throw SealedError{};
}
void from_json(const json& /*in*/, Sealed& /*value*/) {}

namespace {

using ::testing::HasSubstr;

const double no_number = std::numeric_limits<double>::quiet_NaN();
constexpr StepOptions single_try{.retries = {.limit = 0}};

class RefusedValue : public EngineTest {
 protected:
  RefusedValue() : engine(open_memory(), options()) {}

  // What an instance of this code ends with.
  template <class Function>
  std::string error_of(Function code) {
    auto workflow = engine.define("w" + std::to_string(++workflows_), code);
    engine.start();
    auto instance = workflow.create({.id = "order-1"});
    EXPECT_THROW(instance.wait(), InstanceError);
    return instance.describe().error.value_or(ErrorRecord{}).message;
  }

  Engine engine;

 private:
  int workflows_ = 0;
};

TEST_F(RefusedValue, OfAStepIsToldWithItsName) {
  EXPECT_EQ(error_of([](Context& ctx) -> Task<void> {
              co_await ctx.step("charge", single_try, [] { return Bill{no_number}; });
            }),
            "result.cents: must be a finite number, is NaN (step \"charge-1\")");
  EXPECT_EQ(error_of([](Context& ctx) -> Task<void> {
              co_await ctx.step("name", single_try, [] { return std::string{"\xff"}; });
            }),
            "result: must be UTF-8; the byte at 0 does not fit (step \"name-1\")");
  EXPECT_EQ(error_of([](Context& ctx) -> Task<void> {
              co_await ctx.step("await", single_try,
                                []() -> boost::asio::awaitable<Bill> { co_return Bill{no_number}; });
            }),
            "result.cents: must be a finite number, is NaN (step \"await-1\")");
}

TEST_F(RefusedValue, OfParamsIsToldWithTheirWorkflow) {
  auto bills = engine.define("bills", [](Context& /*ctx*/, Bill /*bill*/) -> Task<void> { co_return; });
  EXPECT_EQ(refusal([&] { bills.create({.params = {no_number}}); }).second,
            "params.cents: must be a finite number, is NaN (workflow \"bills\")");
  EXPECT_EQ(refusal([&] {
              bills.create_batch({{}, {.params = {no_number}}});
            }).second,
            "[1].params.cents: must be a finite number, is NaN (workflow \"bills\")");
  auto any = engine.define("any", [](Context& /*ctx*/, json /*params*/) -> Task<void> { co_return; });
  const std::string too_long(engine.options().limits.params_bytes, 'x');
  EXPECT_THAT(refusal([&] { any.create({.params = too_long}); }).second,
              AllOf(HasSubstr("params: must be at most "), HasSubstr("(workflow \"any\")")));
}

TEST_F(RefusedValue, OfAnEventIsToldWithItsType) {
  auto instance = engine.define("twice", twice).create({});
  const std::string rule = "payload: must be a finite number, is NaN (event \"paid\")";
  EXPECT_EQ(refusal([&] { instance.send_event("paid", no_number); }).second, rule);
  EXPECT_EQ(
      refusal([&] { instance.async_send_event("paid", no_number, boost::asio::use_future).get(); }).second,
      rule);
  const std::string too_long(engine.options().limits.event_bytes, 'x');
  EXPECT_THAT(refusal([&] { instance.send_event("paid", too_long); }).second,
              AllOf(HasSubstr("payload: must be at most "), HasSubstr("(event \"paid\")")));
}

TEST_F(RefusedValue, OfAnOutputIsToldWithItsInstance) {
  EXPECT_EQ(error_of([](Context& /*ctx*/) -> Task<Bill> { co_return Bill{no_number}; }),
            "output.cents: must be a finite number, is NaN (instance \"order-1\")");
  EXPECT_THAT(error_of([](Context& /*ctx*/) -> Task<std::string> {
                co_return std::string(Limits{}.result_bytes, 'x');
              }),
              AllOf(HasSubstr("the output is too large"), HasSubstr("(instance \"order-1\")")));
}

TEST_F(RefusedValue, WhatTheHostThrewItselfIsLeftAsItIs) {
  auto workflow = engine.define("sealed",
                                [](Context& /*ctx*/, Sealed /*value*/) -> Task<void> { co_return; });
  EXPECT_THROW(workflow.create({}), SealedError);
}

}  // namespace
}  // namespace cairn::tests
