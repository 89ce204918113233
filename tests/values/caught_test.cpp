#include "tests/odd_exceptions.hpp"

#include <cairn/codec.hpp>
#include <cairn/detail/body.hpp>
#include <cairn/detail/caught.hpp>
#include <cairn/detail/write_log.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>

namespace cairn::detail {
namespace {

using testing::is_recordable;
using testing::odd_exceptions;
using testing::odd_name;
using testing::OddCodec;
using testing::OddException;
using testing::OddValue;

// The language has a `what()` that throws end the process; a compiler takes no other.
static_assert(noexcept(std::declval<const std::exception&>().what()));

class CaughtTest : public ::testing::TestWithParam<OddException> {
 protected:
  void (*const raise)() = GetParam().raise;
};

TEST_P(CaughtTest, EndsWhereItIsContained) {
  int handled = 0;
  contain(raise, [&] { ++handled; });
  contain(raise, [&] { ++handled; });
  EXPECT_EQ(handled, 2);
}

TEST_P(CaughtTest, IsReadInsideTheHandler) {
  std::string said;
  BodyResult result;
  contain(raise, [&] {
    said = what_of_current_exception();
    result = result_of_current_exception();
  });
  EXPECT_TRUE(is_recordable(said));
  EXPECT_EQ(result.error, GetParam().recorded);
  EXPECT_EQ(result.retryable, GetParam().retryable);
}

TEST_P(CaughtTest, IsKeptAndThrownAgainAsOftenAsOneLikes) {
  Caught kept;
  contain(raise, [&] { kept = Caught::current(); });
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept.is_lack_of_memory(), GetParam().lacks_memory);
  {
    const Caught copy = kept;
    for (int time = 0; time < 3; ++time) {
      BodyResult result;
      contain([&] { copy.rethrow(); }, [&] { result = result_of_current_exception(); });
      EXPECT_EQ(result.error, GetParam().recorded);
    }
  }
  kept = {};
  EXPECT_FALSE(kept);
}

TEST_P(CaughtTest, OutOfACodecIsAStandardException) {
  for (const auto direction : {OddCodec::encoding, OddCodec::decoding}) {
    const OddCodec codec{direction, GetParam()};
    try {
      if (direction == OddCodec::encoding) static_cast<void>(encode(OddValue{1}, "field"));
      static_cast<void>(decode<OddValue>("1", "field"));
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
      const std::string said = what_of(error);
      EXPECT_TRUE(is_recordable(said));
      const bool own = direction == OddCodec::encoding &&
                       std::string_view{GetParam().name} == "NullTextOfCairn";
      EXPECT_TRUE(own || said.starts_with("field: ")) << said;
    } catch (const std::bad_alloc&) {
      EXPECT_TRUE(GetParam().lacks_memory);
    } catch (const std::exception&) {
      EXPECT_EQ(direction, OddCodec::encoding) << "only a to_json may throw what it likes";
    }
  }
}

TEST_P(CaughtTest, OutOfALogSinkIsSwallowed) {
  write_log([this](LogLevel, std::string_view) { raise(); }, LogLevel::error, "a line");
}

INSTANTIATE_TEST_SUITE_P(Odd, CaughtTest, ::testing::ValuesIn(odd_exceptions()),
                         odd_name<::testing::TestParamInfo<OddException>>);

TEST(Contain, LetsPassWhatItsHandlerThrows) {
  const auto rethrow = [] { throw std::runtime_error{"from the handler"}; };
  EXPECT_THROW(contain([] { throw 7; }, rethrow), std::runtime_error);
  contain([] {}, rethrow);
}

TEST(WriteLog, GivesOneLineWhateverStandsInIt) {
  std::string seen;
  const LogSink sink = [&](LogLevel, std::string_view line) { seen = line; };
  write_log(sink, LogLevel::info, "as it is");
  EXPECT_EQ(seen, "as it is");
  write_log(sink, LogLevel::info, "two\nlines\x7f and\ta tab");
  EXPECT_EQ(seen, "two lines  and a tab");
  write_log({}, LogLevel::info, "nobody listens");
}

}  // namespace
}  // namespace cairn::detail
