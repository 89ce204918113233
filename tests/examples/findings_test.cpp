#include "examples/verify_packages/findings.hpp"

#include "examples/verify_packages/text_file.hpp"
#include "tests/examples/fake_root.hpp"
#include "tests/examples/findings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace verify {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::ThrowsMessage;

TEST(Findings, AreCountedByKind) {
  Tally tally;
  note(tally, altered("/a"));
  note(tally, altered("/b"));
  note(tally, {.verdict = Verdict::unreadable, .path = "/c", .reason = "is a directory"});
  EXPECT_EQ(tally.altered, 2);
  EXPECT_EQ(tally.missing, 0);
  EXPECT_EQ(tally.unreadable, 1);
  EXPECT_EQ(count_of_findings(tally), 3);
  EXPECT_EQ(counts_in_words(tally), "2 altered, 1 unreadable");
}

TEST(Findings, OfNothingHaveNoWords) {
  EXPECT_THAT(counts_in_words(Tally{}), IsEmpty());
}

TEST(Findings, OfTheFirstPartsComeFirst) {
  Tally first;
  note(first, altered("/a"));
  Tally second{.files = 2, .bytes = 10, .excluded = 3};
  note(second, {.verdict = Verdict::missing, .path = "/b"});
  add(first, second);
  EXPECT_EQ(counts_in_words(first), "1 altered, 1 missing");
  EXPECT_EQ(first.files, 2);
  EXPECT_EQ(first.bytes, 10);
  EXPECT_EQ(first.excluded, 3);
  ASSERT_THAT(first.findings, SizeIs(2));
  EXPECT_EQ(first.findings[1].path, "/b");
}

TEST(Findings, AreKeptUpToABoundAndCountedBeyond) {
  Tally tally;
  for (std::size_t i = 0; i < findings_kept_max + 10; ++i) note(tally, altered("/a"));
  EXPECT_THAT(tally.findings, SizeIs(findings_kept_max));
  EXPECT_EQ(tally.altered, static_cast<std::int64_t>(findings_kept_max + 10));
}

TEST(Findings, StayBelowTheBoundOfBytesWhateverTheirNames) {
  Tally tally;
  for (int i = 0; i < 1'000; ++i) note(tally, altered(std::string(4'095, '"')));
  EXPECT_LE(nlohmann::json(tally.findings).dump().size(), findings_bytes_max + 2);
  EXPECT_EQ(tally.altered, 1'000);
}

TEST(Findings, ComeBackFromJsonAsTheyWere) {
  Tally tally{.files = 5, .bytes = 6, .excluded = 7};
  note(tally, {.verdict = Verdict::unreadable, .path = "/a", .reason = "is a pipe"});
  note(tally, {.verdict = Verdict::missing, .path = "/b"});
  EXPECT_EQ(nlohmann::json::parse(nlohmann::json(tally).dump()).get<Tally>(), tally);
}

TEST(Printable, KeepsText) {
  EXPECT_EQ(printable("a/b c\\x2d é"), "a/b c\\x2d é");
}

TEST(Printable, EscapesControlCharacters) {
  EXPECT_EQ(printable("a\nb\x1b[0m\x7f"), "a\\x0ab\\x1b[0m\\x7f");
}

TEST(Printable, EscapesWhatIsNoUtf8) {
  EXPECT_EQ(printable("caf\xe9"), "caf\\xe9");
}

TEST(TextFile, IsReadWholeOrInPart) {
  const FakeRoot fake;
  fake.write("a", "0123456789");
  EXPECT_EQ(read_text(fake.path("a")), "0123456789");
  EXPECT_EQ(read_text(fake.path("a"), 3, 4), "3456");
}

TEST(TextFile, GivesWhatThereIsOfAPartBehindItsEnd) {
  const FakeRoot fake;
  fake.write("a", "0123");
  EXPECT_EQ(read_text(fake.path("a"), 2, 10), "23");
  EXPECT_EQ(read_text(fake.path("a"), 10, 10), "");
}

TEST(TextFile, NamesAFileThatCannotBeRead) {
  const FakeRoot fake;
  fake.write("folder/file", "");
  EXPECT_THAT([&] { static_cast<void>(read_text(fake.path("absent"))); },
              ThrowsMessage<InputError>(HasSubstr("absent: No such file")));
  EXPECT_THAT([&] { static_cast<void>(read_text(fake.path("folder"))); },
              ThrowsMessage<InputError>(HasSubstr("folder: is a directory")));
}

}  // namespace
}  // namespace verify
