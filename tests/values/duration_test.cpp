#include "tests/values/refusal.hpp"

#include <cairn/duration.hpp>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {
namespace {

using tests::is_presentable;
using tests::refusal;
using namespace std::chrono_literals;

constexpr std::int64_t day = 86'400'000;

std::string duration_refusal(std::string_view text) {
  return refusal([&] { return parse_duration(text); });
}

TEST(Duration, ReadsTheDocumentedGrammar) {
  const std::vector<std::pair<std::string, std::int64_t>> table{
      {"1 ms", 1},
      {"250 ms", 250},
      {"1 second", 1000},
      {"5 minutes", 300'000},
      {"1 minute", 60'000},
      {"1 hour", 3'600'000},
      {"24 hours", day},
      {"1 day", day},
      {"30 days", 2'592'000'000},
      {"1 week", 7 * day},
      {"2 weeks", 14 * day},
      {"1 month", 30 * day},
      {"2 months", 60 * day},
      {"1 year", 31'557'600'000},
      {"9 years", 284'018'400'000},
      {"0 seconds", 0},
      {"0 ms", 0},
      {"5    minutes", 300'000},
      {"1 seconds", 1000},
      {"2 second", 2000},
      {"007 minutes", 420'000},
      {"1.5 seconds", 1500},
      {"0.1 seconds", 100},
      {"1.0 day", day},
      {"0.5 months", 15 * day},
      {"3650 days", 315'360'000'000},
  };
  for (const auto& [text, ms] : table) EXPECT_EQ(parse_duration(text).count(), ms) << text;
}

// What Cloudflare's local parser was measured to make of each text, and what is read here: the documented
// grammar, and an error in place of a silent guess.
TEST(Duration, DecidesEveryTextThatCloudflaresParserWasMeasuredOn) {
  struct Measured {
    std::string text;
    std::optional<std::int64_t> ms;
  };
  const std::vector<Measured> table{
      {"5 minutes", 300'000},
      {"1 hour", 3'600'000},
      {"30 days", 2'592'000'000},
      {"1 second", 1000},
      {"1.5 seconds", 1500},
      {"5  minutes", 300'000},
      {"10 ms", 10},
      {"1e3 seconds", {}},
      {"250", {}},
      {"1 s", {}},
      {"1 m", {}},
      {"5 min", {}},
      {"5 Minutes", {}},
      {"5 fortnights", {}},
      {"-5 seconds", {}},
      {"10ms", {}},
      {"5min", {}},
      {" 5 minutes", {}},
      {"5 minutes ", {}},
      {"tomorrow", {}},
      {"1,000 seconds", {}},
      {"", {}},
  };
  for (const auto& [text, ms] : table) {
    if (ms) {
      EXPECT_EQ(parse_duration(text).count(), *ms) << text;
    } else {
      EXPECT_PRED1(is_presentable, duration_refusal(text)) << text;
    }
  }
}

TEST(Duration, NamesFieldRuleAndTextInARefusal) {
  EXPECT_EQ(refusal([] { return parse_duration("", "timeout"); }),
            "timeout: must be 1 to 64 characters: a number and a unit, such as '5 minutes'; got ''");
  EXPECT_EQ(duration_refusal("-5 seconds"), "duration: must not have a sign; got '-5 seconds'");
  EXPECT_EQ(duration_refusal("+5 seconds"), "duration: must not have a sign; got '+5 seconds'");
  EXPECT_EQ(duration_refusal(" 5 minutes"), "duration: must begin with a digit; got ' 5 minutes'");
  EXPECT_EQ(duration_refusal(".5 seconds"), "duration: must begin with a digit; got '.5 seconds'");
  EXPECT_EQ(duration_refusal("5. seconds"),
            "duration: must have digits after the decimal point; got '5. seconds'");
  EXPECT_EQ(duration_refusal("250"), "duration: must end with a unit, such as '5 minutes'; got '250'");
  EXPECT_EQ(duration_refusal("5min"),
            "duration: must be digits, optionally with a fraction, then a space and a unit, such as '5 "
            "minutes'; got "
            "'5min'");
  EXPECT_EQ(duration_refusal("5 Minutes"),
            "duration: must end with one of the units ms, second, minute, hour, day, week, month, year, or "
            "its plural in "
            "s; got '5 Minutes'");
  EXPECT_EQ(duration_refusal("3651 days"), "duration: must be at most 3650 days; got '3651 days'");
}

TEST(Duration, RefusesWhatIsNotQuiteTheGrammar) {
  const std::vector<std::string> table{
      "1e3 seconds",
      "1E3 seconds",
      "0x10 seconds",
      "1_000 seconds",
      "1'000 seconds",
      "1,5 seconds",
      "1.5.5 seconds",
      "1. 5 seconds",
      "1 .5 seconds",
      "- 5 seconds",
      "--5 seconds",
      "5\tminutes",
      "5 \tminutes",
      "5\nminutes",
      "5 minutes\n",
      "\t5 minutes",
      "5 ",
      "5   ",
      " ",
      "minutes",
      "minutes 5",
      "5 minutess",
      "5 mss",
      "5 MS",
      "5 m s",
      "5 secs",
      "5 sec",
      "5 years old",
      "5 minutes 3",
      "5 minutes 3 seconds",
      "NaN seconds",
      "inf seconds",
      "Infinity days",
      "five minutes",
      "½ hours",
      "٣ hours",
      "5 mınutes",
      "5\u00a0minutes",
      "5 s",
      "5 ss",
      "5 days\r",
  };
  for (const std::string& text : table) EXPECT_PRED1(is_presentable, duration_refusal(text)) << text;
  EXPECT_EQ(duration_refusal(std::string{"5 \0minutes", 10}).substr(0, 10), "duration: ");
  EXPECT_EQ(duration_refusal(std::string{"5 minutes\0", 10}).substr(0, 10), "duration: ");
  EXPECT_EQ(duration_refusal(std::string{"\0", 1}), "duration: must begin with a digit; got '\\x00'");
}

TEST(Duration, RefusesOverlongTextWithoutReadingIt) {
  EXPECT_EQ(duration_refusal(std::string(10'000'000, '1') + " ms"),
            "duration: must be 1 to 64 characters: a number and a unit, such as '5 minutes'; got 10000003 "
            "characters");
  EXPECT_PRED1(is_presentable, duration_refusal("0." + std::string(10'000'000, '0') + " ms"));
  EXPECT_PRED1(is_presentable, duration_refusal("1" + std::string(10'000'000, ' ') + "ms"));
  EXPECT_EQ(parse_duration(std::string(60, '0') + "1 ms"), 1ms);
}

TEST(Duration, RefusesEverySpanAboveTheLargest) {
  EXPECT_EQ(parse_duration("315360000000 ms"), duration_max);
  for (const std::string text :
       {"315360000001 ms", "315360000000.5 ms", "3650.00000001 days", "10 years", "122 months",
        "9223372036854775807 ms", "9223372036854775808 ms", "18446744073709551616 ms",
        "99999999999999999999999999999999999999999999999 years"}) {
    EXPECT_NE(duration_refusal(text).find("must be at most 3650 days"), std::string::npos) << text;
  }
  EXPECT_EQ(parse_duration("315360000000.4 ms"), duration_max);
}

TEST(Duration, RoundsFractionsOfAMillisecondExactly) {
  const std::vector<std::pair<std::string, std::int64_t>> table{
      {"0.0004 seconds", 0},
      {"0.0005 seconds", 1},
      {"0.00049999999999999999999999999999999999 seconds", 0},
      {"0.4 ms", 0},
      {"0.5 ms", 1},
      {"1.5 ms", 2},
      {"2.5 ms", 3},
      {"0.001 seconds", 1},
      {"1.005 seconds", 1005},
      {"4.35 seconds", 4350},
      {"1.1 days", 95'040'000},
      {"0.3 years", 9'467'280'000},
      {"0.9999999999999999999999999 ms", 1},
      {"8.999999999999999999999999999999 years", 284'018'400'000},
  };
  for (const auto& [text, ms] : table) EXPECT_EQ(parse_duration(text).count(), ms) << text;
}

TEST(Duration, EveryMillisecondOfASecondSurvivesBeingWrittenAsAFraction) {
  for (int ms = 0; ms < 1000; ++ms) {
    std::string digits = std::to_string(ms);
    digits.insert(0, 3 - digits.size(), '0');
    ASSERT_EQ(parse_duration("7." + digits + " seconds").count(), 7000 + ms);
  }
}

TEST(Duration, RandomDecimalsAgreeWithLongArithmetic) {
  struct Unit {
    std::string name;
    std::int64_t ms;
  };
  const std::array units{Unit{"ms", 1},           Unit{"seconds", 1000},
                         Unit{"minutes", 60'000}, Unit{"hours", 3'600'000},
                         Unit{"days", day},       Unit{"years", 31'557'600'000}};
  std::mt19937_64 random{2};
  for (int i = 0; i < 20'000; ++i) {
    const Unit& unit = units[random() % units.size()];
    const auto whole = static_cast<std::int64_t>(random() % 9);
    const auto thousandths = static_cast<std::int64_t>(random() % 1000);
    std::string digits = std::to_string(thousandths);
    digits.insert(0, 3 - digits.size(), '0');
    const std::int64_t expected = (unit.ms * (whole * 1000 + thousandths) + 500) / 1000;
    ASSERT_EQ(parse_duration(std::to_string(whole) + "." + digits + " " + unit.name).count(), expected);
  }
}

TEST(Duration, RandomTextIsReadOrRefusedWithAPresentableMessage) {
  static constexpr std::string_view alphabet = "0159.  -+esmhdy\0\xff\n'\\";
  std::mt19937_64 random{3};
  for (int i = 0; i < 50'000; ++i) {
    std::string text;
    for (std::size_t length = random() % 12; length > 0; --length)
      text += alphabet[random() % alphabet.size()];
    if (random() % 2 == 0) text += " seconds";
    try {
      const Duration duration = parse_duration(text);
      ASSERT_TRUE(duration >= 0ms && duration <= duration_max);
    } catch (const Error& error) {
      ASSERT_PRED1(is_presentable, error.what());
    }
  }
}

TEST(Duration, IsWrittenInTheLargestUnitUpToADayThatNeedsNoFraction) {
  EXPECT_EQ(to_string(0ms), "0 ms");
  EXPECT_EQ(to_string(1ms), "1 ms");
  EXPECT_EQ(to_string(250ms), "250 ms");
  EXPECT_EQ(to_string(1s), "1 second");
  EXPECT_EQ(to_string(1500ms), "1500 ms");
  EXPECT_EQ(to_string(90s), "90 seconds");
  EXPECT_EQ(to_string(5min), "5 minutes");
  EXPECT_EQ(to_string(1h), "1 hour");
  EXPECT_EQ(to_string(36h), "36 hours");
  EXPECT_EQ(to_string(24h), "1 day");
  EXPECT_EQ(to_string(30 * 24h), "30 days");
  EXPECT_EQ(to_string(duration_max), "3650 days");
  EXPECT_EQ(to_string(-5s), "-5 seconds");
  EXPECT_EQ(to_string(Duration::max()), "9223372036854775807 ms");
  EXPECT_EQ(to_string(Duration::min()), "-9223372036854775808 ms");
}

TEST(Duration, IsReadBackAsItWasWritten) {
  std::mt19937_64 random{4};
  for (int i = 0; i < 20'000; ++i) {
    const Duration duration{static_cast<std::int64_t>(
        (random() % static_cast<std::uint64_t>(duration_max.count())) >> (random() % 40))};
    ASSERT_EQ(parse_duration(to_string(duration)), duration);
  }
}

}  // namespace
}  // namespace cairn
