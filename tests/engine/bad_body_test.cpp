#include "tests/engine/harness.hpp"

#include <cairn/detail/body.hpp>

#include <gmock/gmock.h>

#include <pthread.h>

#include <limits>
#include <thread>

// Bodies of the host that throw, return or do what no body should.
namespace cairn::testing {
namespace {

using ::testing::HasSubstr;

class BadBody : public ::testing::Test {
 protected:
  BadBody() { h.begin(); }

  // How the instance ends whose only body is this one, tried once.
  template <class Function>
  ErrorRecord error_of(Function body) {
    const std::string name = "w" + std::to_string(++workflows_);
    h.define(name, [body](Context& ctx) -> Task<json> {
      const StepOptions once{.retries = {.limit = 0}};
      json result = co_await ctx.step("s", once, body);
      co_return result;
    });
    const Key key = h.create(name);
    h.run_body();
    EXPECT_EQ(h.status(key), Status::errored);
    return h.error(key);
  }

  Harness h;

 private:
  int workflows_ = 0;
};

struct Foreign {};

TEST_F(BadBody, MayThrowAnythingAndItIsRecorded) {
  const auto throws = [](auto what) { return [what]() -> json { throw what; }; };
  EXPECT_EQ(error_of(throws(std::runtime_error{"no"})).message, "no");
  EXPECT_EQ(error_of(throws(NonRetryableError{"never", "Mine"})).name, "Mine");
  for (const ErrorRecord& error : {error_of(throws(7)), error_of(throws("text")), error_of(throws(Foreign{})),
                                   error_of(throws(nullptr))}) {
    EXPECT_EQ(error.name, "Error");
    EXPECT_EQ(error.message, "an exception that is no std::exception");
  }
}

TEST_F(BadBody, MayReturnOnlyWhatJsonHolds) {
  const auto returns = [](json value) { return [value] { return value; }; };
  EXPECT_THAT(error_of(returns(std::numeric_limits<double>::quiet_NaN())).message, HasSubstr("finite"));
  EXPECT_THAT(error_of(returns(-std::numeric_limits<double>::infinity())).message, HasSubstr("finite"));
  EXPECT_THAT(error_of(returns("\xff")).message, HasSubstr("UTF-8"));
  EXPECT_THAT(error_of(returns(json{{"\xc3", 1}})).message, HasSubstr("UTF-8"));
  const auto deep = [] { return json::parse(std::string(100'000, '[') + std::string(100'000, ']')); };
  EXPECT_THAT(error_of(deep).message, HasSubstr("nested"));
}

TEST_F(BadBody, MayEndItsThreadAndTheProgramGoesOn) {
  bool went_on = false;
  std::thread thread{[&] {
    try {
      ::pthread_exit(nullptr);
    } catch (...) {
      static_cast<void>(detail::result_of_current_exception());
      went_on = true;
    }
  }};
  thread.join();
  EXPECT_FALSE(went_on) << "the end of a thread is no failure of a body";
}

}  // namespace
}  // namespace cairn::testing
