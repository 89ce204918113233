#include <cairn/error.hpp>
#include <cairn/id.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <random>
#include <string>
#include <string_view>

namespace cairn {
namespace {

using ::testing::EndsWith;

constexpr std::size_t text_max = 4096;
constexpr std::string_view mark = " [truncated]";
const std::string unreadable = "\xef\xbf\xbd";

TEST(ErrorText, LeavesAloneWhatMayBeRecorded) {
  for (const std::string& text : {std::string{}, std::string{"no"}, std::string{"two\nlines, \xe2\x82\xac"},
                                  std::string("a\0b", 3), std::string(text_max, 'x')}) {
    EXPECT_EQ(error_text(text), text);
  }
}

TEST(ErrorText, HasAReplacementForEachByteThatIsNoUtf8) {
  EXPECT_EQ(error_text("caf\xe9!"), "caf" + unreadable + "!");
  EXPECT_EQ(error_text("\xc0\xaf"), unreadable + unreadable) << "an overlong form";
  EXPECT_EQ(error_text("\xed\xa0\x80"), unreadable + unreadable + unreadable) << "a surrogate";
  EXPECT_EQ(error_text("end \xe2\x82"), "end " + unreadable + unreadable) << "cut off";
}

TEST(ErrorText, IsCutBetweenTwoCharactersAndSaysSo) {
  for (const std::string_view character : {"x", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\xaa\xa8"}) {
    for (std::size_t before = 0; before < 4; ++before) {
      std::string text(before, '-');
      while (text.size() <= text_max) text += character;
      const std::string cut = error_text(text);
      EXPECT_LE(cut.size(), text_max);
      EXPECT_GT(cut.size() + character.size(), text_max);
      EXPECT_TRUE(is_utf8(cut));
      EXPECT_THAT(cut, EndsWith(mark));
      EXPECT_EQ(cut.substr(0, cut.size() - mark.size()), text.substr(0, cut.size() - mark.size()));
    }
  }
}

TEST(ErrorText, IsNotCutForWhatJustFits) {
  std::string euros = "x";
  while (euros.size() < text_max) euros += "\xe2\x82\xac";
  ASSERT_EQ(euros.size(), text_max);
  EXPECT_EQ(error_text(euros), euros);
  EXPECT_THAT(error_text(std::string(text_max - 2, 'x') + "\xff"), EndsWith(mark))
      << "the replacement is longer";
}

TEST(ErrorText, MayBeRecordedWhateverItIsMadeOf) {
  std::mt19937 random{20261127};
  const auto number = [&](unsigned below) {
    return std::uniform_int_distribution<unsigned>{0, below - 1}(random);
  };
  for (int round = 0; round < 2'000; ++round) {
    std::string text(number(2 * text_max), 'x');
    for (char& c : text) {
      if (number(4) == 0) c = static_cast<char>(number(256));
    }
    const std::string safe = error_text(text);
    ASSERT_LE(safe.size(), text_max);
    ASSERT_TRUE(is_utf8(safe));
    ASSERT_EQ(error_text(safe), safe) << "once is enough";
  }
}

TEST(ErrorText, IsWhatEveryErrorSaysAndEveryStoreGets) {
  const std::string bad = "\xff" + std::string(10 * text_max, 'x');
  const ErrorRecord record{bad, bad};
  EXPECT_EQ(Error(Errc::internal, bad).what(), error_text(bad));
  EXPECT_EQ(InstanceError(Status::errored, record).what(), error_text(bad));
  EXPECT_EQ(InstanceError(Status::errored, record).name(), error_text(bad));
  EXPECT_EQ(StepError{record}.what(), error_text(bad));
  EXPECT_EQ(StepError{record}.record(), (ErrorRecord{error_text(bad), error_text(bad)}));
  EXPECT_EQ(NonRetryableError(bad, bad).what(), error_text(bad));
  EXPECT_EQ(NonRetryableError(bad, bad).name(), error_text(bad));
  EXPECT_EQ(RecordedError{record}.record(), (ErrorRecord{error_text(bad), error_text(bad)}));
}

}  // namespace
}  // namespace cairn
