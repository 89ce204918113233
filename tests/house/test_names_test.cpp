#include "tests/house/test_names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace house {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

TEST(TestNames, AreFoundInEveryForm) {
  const std::string text =
      "TEST(A, One) {}\nTEST_F(B,\n       Two) {}\nTEST_P(C, Three) {}\nLATEST(D, Four)\n";
  EXPECT_THAT(test_names({{"a.cpp", text}}), UnorderedElementsAre("A.One", "B.Two", "C.Three"));
}

TEST(TestNames, OfNoTestAreFoundOnAPage) {
  const auto found = check_named_tests("a.md", "`A.One` and\n`A.Two`, `a.three`, `HttpOptions::log`",
                                       {"A.One"});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].line, 2);
}

TEST(TestNames, OnThePagesOfReliabilityAreThoseOfTests) {
  const auto tests = test_names(cpp_files({"tests"}));
  for (const std::string page : {"docs/failures.md", "docs/reliability.md"}) {
    EXPECT_THAT(check_named_tests(page, read_file(source_dir() / page), tests), IsEmpty());
  }
}

TEST(FailureRows, FollowEachOtherAndAreFull) {
  EXPECT_THAT(check_failure_rows("a.md", "| | x | y | z |\n|---|---|---|---|\n| A1 | x | y | z |\n"),
              IsEmpty());
  EXPECT_THAT(check_failure_rows("a.md", "| A1 | x | y | z |\n| A3 | x | y | z |\n"), SizeIs(1));
  EXPECT_THAT(check_failure_rows("a.md", "| A1 | x | y | |\n"), SizeIs(1));
  EXPECT_THAT(check_failure_rows("a.md", "| A1 | x | y |\n"), SizeIs(1));
}

TEST(FailureRows, AreSoOnTheirPage) {
  EXPECT_THAT(check_failure_rows("docs/failures.md", read_file(source_dir() / "docs/failures.md")),
              IsEmpty());
}

}  // namespace
}  // namespace house
