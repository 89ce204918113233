#include "tests/engine/engine_fixture.hpp"
#include "tests/odd_exceptions.hpp"

#include <SQLiteCpp/Database.h>

#include <stdexcept>
#include <string>
#include <thread>

// Earlier versions recorded the texts of errors as they came: of any length, and in any encoding.
namespace cairn::tests {
namespace {

using cairn::testing::is_recordable;

class RawError : public EngineTest {
 protected:
  // Two attempts of a step fail; the code that catches it sleeps, and ends with what it was told.
  static Task<std::string> tell(Context& ctx) {
    std::string told;
    try {
      co_await ctx.step("s", {.retries = {.limit = 1, .delay = 0ms}}, [] { throw std::runtime_error{"no"}; });
    } catch (const StepError& error) {
      told = error.name() + ": " + error.what();
    }
    co_await ctx.sleep("nap", 1h);
    co_return told;
  }

  static Task<void> fail(Context&) {
    throw std::runtime_error{"no"};
    co_return;
  }

  // Every error in the file becomes one that no version records any more.
  void spoil() const {
    SQLite::Database database{(folder / "engine.db").string(), SQLite::OPEN_READWRITE};
    for (const char* table : {"step", "failure", "output"}) {
      database.exec(std::string{"UPDATE "} + table +
                    " SET error_name = CAST(x'63e9' AS TEXT), error_message = CAST(x'ff' AS TEXT) ||"
                    " hex(zeroblob(1000000)) WHERE error_name IS NOT NULL");
    }
  }
};

TEST_F(RawError, OfAnEarlierVersionIsReadAsATextAndEndsNobody) {
  {
    Engine engine{open_file(), options()};
    auto tells = engine.define("tell", tell).create({.id = "a"});
    auto fails = engine.define("fail", fail).create({.id = "a"});
    engine.start();
    EXPECT_THROW(fails.wait(), InstanceError);
    while (tells.status() != Status::waiting || tells.describe().steps.size() < 2) std::this_thread::yield();
  }
  spoil();
  Engine engine{open_file(), options()};
  auto tells = engine.define("tell", tell).get("a");
  auto fails = engine.define("fail", fail).get("a");
  engine.start();
  clock->advance(2h);
  const std::string told = tells.wait();
  EXPECT_EQ(told.substr(0, 9), "c\xef\xbf\xbd: \xef\xbf\xbd");
  EXPECT_LE(told.size(), 4U + 2U + 4096U);
  const InstanceDetail detail = tells.describe();
  ASSERT_EQ(detail.steps.at(0).attempts.size(), 2U);
  for (const Attempt& attempt : detail.steps[0].attempts) {
    EXPECT_EQ(attempt.error->name, "c\xef\xbf\xbd");
    EXPECT_TRUE(is_recordable(attempt.error->message));
  }
  try {
    fails.wait();
    ADD_FAILURE() << "it has ended well";
  } catch (const InstanceError& error) {
    EXPECT_TRUE(is_recordable(error.name()) && is_recordable(error.what()));
  }
}

}  // namespace
}  // namespace cairn::tests
