#include "tests/engine/engine_fixture.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <functional>
#include <future>
#include <optional>

// Handles as values: empty ones, those that Asio hands over, and outputs that must not be made of nothing.
namespace cairn::tests {
namespace {

namespace asio = boost::asio;
using ::testing::HasSubstr;

// Nothing is one of these.
class Receipt {
 public:
  explicit Receipt(int cents) noexcept : cents_(cents) {}
  [[nodiscard]] int cents() const noexcept { return cents_; }

 private:
  int cents_;
};

}  // namespace
}  // namespace cairn::tests

template <>
struct nlohmann::adl_serializer<cairn::tests::Receipt> {
  static cairn::tests::Receipt from_json(const json& tree) { return cairn::tests::Receipt{tree.get<int>()}; }
  static void to_json(json& tree, const cairn::tests::Receipt& receipt) { tree = receipt.cents(); }
};

namespace cairn::tests {
namespace {

class InstanceTest : public EngineTest {
 protected:
  static Task<Receipt> pay(Context& ctx, int cents) {
    Receipt receipt = co_await ctx.step("pay", {.retries = {.limit = 0}}, [&] {
      if (cents == 0) throw std::runtime_error{"nothing to pay"};
      return Receipt{cents};
    });
    co_return receipt;
  }

  static void expect_empty(const Instance<int>& instance) {
    EXPECT_EQ(instance.id(), "");
    std::vector<std::function<void()>> calls{
        [&] { static_cast<void>(instance.status()); },
        [&] { static_cast<void>(instance.describe()); },
        [&] { static_cast<void>(instance.describe_text()); },
        [&] { instance.wait(); },
        [&] { instance.wait_for(1s); },
        [&] { instance.async_wait(asio::use_future).get(); },
        [&] { instance.send_event("paid", 1); },
        [&] { instance.send_event_text("paid", JsonText{}); },
        [&] { instance.async_send_event("paid", 1, asio::use_future).get(); },
        [&] { instance.pause(); },
        [&] { instance.resume(); },
        [&] { instance.terminate(); },
        [&] { instance.restart(); },
    };
    for (std::size_t call = 0; call < calls.size(); ++call) {
      const auto [code, message] = refusal(calls[call]);
      EXPECT_EQ(code, Errc::invalid_argument) << "call " << call;
      EXPECT_THAT(message, HasSubstr("instance: is empty")) << "call " << call;
    }
  }
};

TEST_F(InstanceTest, EveryCallOfAnEmptyOneSaysThatItIs) {
  expect_empty({});
}

TEST_F(InstanceTest, OneThatWasMovedAwayIsEmptyAndTheOtherGoesOn) {
  Engine engine{open_memory(), options()};
  Instance<int> first = engine.define("twice", twice).create({.id = "a", .params = 3});
  Instance<int> second;
  second = std::move(first);
  expect_empty(first);  // NOLINT(bugprone-use-after-move)
  engine.start();
  EXPECT_EQ(second.id(), "a");
  EXPECT_EQ(second.wait(), 6);
}

// What co_spawn hands over is default-constructed first.
TEST_F(InstanceTest, IsHandedOverByACoroutineOfAsio) {
  Engine engine{open_memory(), options()};
  const Workflow<int, int> workflow = engine.define("twice", twice);
  engine.start();
  asio::thread_pool pool{1};
  const auto create = [&]() -> asio::awaitable<Instance<int>> {
    const NewInstance<int> entry{.id = "a", .params = 3};
    co_return workflow.create(entry);
  };
  std::future<Instance<int>> created = asio::co_spawn(pool, create, asio::use_future);
  EXPECT_EQ(created.get().wait(), 6);
  pool.join();
}

TEST_F(InstanceTest, AnOutputWithoutADefaultConstructorIsAwaitedAsAnOptional) {
  Engine engine{open_memory(), options()};
  const auto workflow = engine.define("pay", pay);
  engine.start();
  asio::io_context io;
  std::optional<Receipt> receipt;
  const auto told = [&](const std::exception_ptr& error, std::optional<Receipt> output) {
    EXPECT_FALSE(error);
    receipt = output;
  };
  workflow.create({.params = 42}).async_wait(asio::bind_executor(io, told));
  io.run();
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->cents(), 42);
}

TEST_F(InstanceTest, WhereItEndsWithAnErrorThereIsNoSuchOutput) {
  Engine engine{open_memory(), options()};
  const auto workflow = engine.define("pay", pay);
  engine.start();
  asio::io_context io;
  bool failed = false;
  const auto told = [&](const std::exception_ptr& error, const std::optional<Receipt>& output) {
    EXPECT_THROW(std::rethrow_exception(error), InstanceError);
    EXPECT_FALSE(output);
    failed = true;
  };
  workflow.create({.params = 0}).async_wait(asio::bind_executor(io, told));
  io.run();
  EXPECT_TRUE(failed);
}

TEST_F(InstanceTest, AFutureAndACoroutineGiveTheOptionalToo) {
  Engine engine{open_memory(), options()};
  const auto workflow = engine.define("pay", pay);
  engine.start();
  const auto instance = workflow.create({.params = 42});
  EXPECT_EQ(instance.async_wait(asio::use_future).get().value().cents(), 42);
  asio::io_context io;
  std::future<std::optional<Receipt>> awaited = asio::co_spawn(io, instance.async_wait(asio::use_awaitable),
                                                               asio::use_future);
  io.run();
  EXPECT_EQ(awaited.get().value().cents(), 42);
}

}  // namespace
}  // namespace cairn::tests
