// A value in a file that is no JSON any more: whoever reads it is told by an `Error`, and the rest goes on.

#include "tests/check/damaged_file.hpp"

#include <cairn/cairn.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace cairn::testing {
namespace {

using ::testing::HasSubstr;

Task<json> orders(Context& /*context*/, json params) {
  co_return params;
}

// How many instances of the file can be described, and how many cannot.
std::pair<int, int> describe_all(const DamagedFile& file) {
  Engine engine{open_sqlite(file.path())};
  const auto workflow = engine.define("orders", orders);
  std::pair<int, int> told{0, 0};
  for (const InstanceSummary& row : workflow.list({.limit = 100}).instances) {
    try {
      static_cast<void>(workflow.get(row.id).describe());
      ++told.first;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Errc::store_failed);
      EXPECT_THAT(error.what(), HasSubstr("the store holds what nobody wrote"));
      ++told.second;
    }
  }
  return told;
}

TEST(DamagedValue, IsToldToWhoeverReadsIt) {
  const auto [sound, none] = describe_all(DamagedFile{});
  EXPECT_GT(sound, 10);
  EXPECT_EQ(none, 0);
  for (const char* damage :
       {"UPDATE params SET params = '{' WHERE rowid = 1",
        "UPDATE output SET output = '' WHERE output IS NOT NULL",
        "UPDATE step SET output = '[1,' WHERE output IS NOT NULL",
        "UPDATE step SET config = 'null' WHERE config IS NOT NULL",
        "UPDATE step SET config = '{\"retries\":{\"limit\":1.5}}' WHERE config IS NOT NULL"}) {
    DamagedFile file;
    ASSERT_GT(file.damage(damage), 0) << damage;
    const auto [told, refused] = describe_all(file);
    EXPECT_GT(refused, 0) << damage;
    EXPECT_EQ(told + refused, sound) << damage;
  }
}

}  // namespace
}  // namespace cairn::testing
