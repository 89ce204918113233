#include "examples/verify_packages/verify.hpp"

#include "examples/verify_packages/digest.hpp"
#include "examples/verify_packages/dpkg_database.hpp"
#include "tests/examples/fake_root.hpp"
#include "tests/examples/findings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace verify {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Verify : public ::testing::Test {
 protected:
  [[nodiscard]] Package package(const std::string& name = "a") const {
    return {.audit = 1, .name = name, .list = md5sums_list(name), .root = fake.folder().native()};
  }

  // What the workflow does, without the workflow.
  static PackageOutcome outcome_of(const Package& package) {
    const ListReading reading = read_list(package);
    std::vector<PortionResult> results;
    for (const Portion& portion : reading.portions) results.push_back(hash_portion(package, portion));
    return conclude(package, reading, results);
  }
  static Tally tally_of(const Package& package) { return outcome_of(package).tally; }

  FakeRoot fake;
};

TEST_F(Verify, FindsNothingInACleanPackage) {
  fake.ship("a", "usr/bin/a", "one");
  fake.ship("a", "usr/share/a", "three");
  EXPECT_EQ(tally_of(package()), (Tally{.files = 2, .bytes = 8}));
}

TEST_F(Verify, FindsAnAlteredFile) {
  fake.ship("a", "usr/bin/a", "one");
  fake.write("usr/bin/a", "One");
  EXPECT_THAT(tally_of(package()).findings, ElementsAre(altered("/usr/bin/a")));
}

TEST_F(Verify, FindsAMissingFile) {
  fake.ship("a", "usr/bin/a", "one");
  std::filesystem::remove(fake.path("usr/bin/a"));
  EXPECT_THAT(tally_of(package()).findings, ElementsAre(missing("/usr/bin/a")));
}

TEST_F(Verify, FindsWhatIsNoFileAnyMore) {
  fake.list("a", md5_of(""), "usr/bin/a");
  fake.write("usr/bin/a/b", "");
  fake.list("a", md5_of(""), "usr/bin/link");
  fake.link("a/b", "usr/bin/link");
  EXPECT_THAT(tally_of(package()).findings, ElementsAre(unreadable("/usr/bin/a", "is a directory"),
                                                        unreadable("/usr/bin/link", "is a symbolic link")));
}

TEST_F(Verify, FollowsTheLinksOfAMergedUsr) {
  fake.write("usr/bin/a", "one");
  fake.link("usr/bin", "bin");
  fake.list("a", md5_of("one"), "bin/a");
  EXPECT_THAT(tally_of(package()).findings, IsEmpty());
}

TEST_F(Verify, SaysThatLinksRunInACircle) {
  fake.link("y", "x");
  fake.link("x", "y");
  fake.list("a", md5_of(""), "x/a");
  EXPECT_THAT(tally_of(package()).findings,
              ElementsAre(unreadable("/x/a", "Too many levels of symbolic links")));
}

TEST_F(Verify, LooksForADivertedFileWhereItWasMoved) {
  fake.write("var/lib/dpkg/diversions", "/usr/bin/x\n/usr/bin/x.a\nb\n");
  fake.list("a", md5_of("of a"), "usr/bin/x");
  fake.list("b", md5_of("of b"), "usr/bin/x");
  fake.write("usr/bin/x", "of b");
  fake.write("usr/bin/x.a", "of a");
  EXPECT_THAT(tally_of(package("a")).findings, IsEmpty());
  EXPECT_THAT(tally_of(package("b")).findings, IsEmpty());
  fake.write("usr/bin/x.a", "changed");
  EXPECT_THAT(tally_of(package("a")).findings, ElementsAre(altered("/usr/bin/x.a")));
}

TEST_F(Verify, DoesNotMissWhatDpkgWasToldToLeaveOut) {
  fake.write("etc/dpkg/dpkg.cfg.d/docker",
             "path-exclude /usr/share/doc/*\npath-include /usr/share/doc/*/copyright\n");
  fake.list("a", md5_of(""), "usr/share/doc/a/changelog.gz");
  fake.list("a", md5_of(""), "usr/share/doc/a/copyright");
  const Tally tally = tally_of(package());
  EXPECT_EQ(tally.excluded, 1);
  EXPECT_EQ(tally.files, 1);
  EXPECT_THAT(tally.findings, ElementsAre(missing("/usr/share/doc/a/copyright")));
}

TEST_F(Verify, ChecksAFileThatIsThereThoughItMayBeLeftOut) {
  fake.write("etc/dpkg/dpkg.cfg", "path-exclude=/usr/share/doc/*\n");
  fake.ship("a", "usr/share/doc/a/readme", "one");
  fake.write("usr/share/doc/a/readme", "two");
  EXPECT_THAT(tally_of(package()).findings, ElementsAre(altered("/usr/share/doc/a/readme")));
}

TEST_F(Verify, HasNothingToSayOfAPackageWithoutAList) {
  Package bare = package();
  bare.list.clear();
  const PackageOutcome outcome = outcome_of(bare);
  EXPECT_FALSE(outcome.has_list);
  EXPECT_EQ(outcome.tally, Tally{});
}

TEST_F(Verify, FindsAListThatIsGone) {
  const Tally tally = tally_of(package());
  ASSERT_THAT(tally.findings, SizeIs(1));
  EXPECT_EQ(tally.unreadable, 1);
  EXPECT_EQ(tally.findings[0].path, md5sums_list("a"));
  EXPECT_THAT(tally.findings[0].reason, HasSubstr("No such file"));
}

TEST_F(Verify, FindsAListThatIsDamaged) {
  fake.ship("a", "usr/bin/a", "one");
  fake.append("var/lib/dpkg/info/a.md5sums", "damaged\n");
  const Tally tally = tally_of(package());
  ASSERT_THAT(tally.findings, SizeIs(1));
  EXPECT_THAT(tally.findings[0].reason, HasSubstr("a.md5sums:2: a line begins with an MD5 digest"));
}

TEST_F(Verify, NoticesThatTheListChangedUnderTheAudit) {
  fake.ship("a", "usr/bin/a", "one");
  const ListReading reading = read_list(package());
  ASSERT_THAT(reading.portions, SizeIs(1));
  fake.write("var/lib/dpkg/info/a.md5sums", md5_of("two") + "  usr/bin/a\n");
  const PortionResult result = hash_portion(package(), reading.portions[0]);
  ASSERT_THAT(result.tally.findings, SizeIs(1));
  EXPECT_THAT(result.tally.findings[0].reason, HasSubstr("the list has changed"));
}

TEST_F(Verify, CutsALongListIntoPortions) {
  for (int i = 0; i < 150; ++i) fake.ship("a", "usr/share/a/" + std::to_string(i), std::to_string(i));
  EXPECT_THAT(read_list(package()).portions, SizeIs(3));
  const Tally tally = tally_of(package());
  EXPECT_EQ(tally.files, 150);
  EXPECT_THAT(tally.findings, IsEmpty());
}

TEST_F(Verify, GivesALargeFileAPortionOfItsOwn) {
  for (const char* name : {"1", "2", "3"}) {
    fake.list("a", md5_of(""), name);
    fake.write(name, "");
  }
  std::filesystem::resize_file(fake.path("2"), portion_bytes + 1);
  EXPECT_THAT(read_list(package()).portions, SizeIs(3));
}

TEST_F(Verify, ReadsRemarksOfAListAsPartOfItsPortions) {
  fake.write("var/lib/dpkg/info/a.md5sums", "# first\n\n");
  fake.ship("a", "usr/bin/a", "one");
  fake.append("var/lib/dpkg/info/a.md5sums", "# last\n");
  EXPECT_EQ(tally_of(package()), (Tally{.files = 1, .bytes = 3}));
}

TEST_F(Verify, VerifiesAManifestAgainstTheRootWithoutDpkgsRules) {
  const FakeRoot elsewhere;
  elsewhere.write("list", md5_of("one") + " *./a\n" + md5_of("two") + "  b\n");
  fake.write("a", "one");
  fake.write("etc/dpkg/dpkg.cfg", "path-exclude=/*\n");
  Package manifest{
      .audit = 1, .name = "list", .list = elsewhere.path("list"), .root = fake.folder(), .from_dpkg = false};
  EXPECT_THAT(tally_of(manifest).findings, ElementsAre(missing("/b")));
}

TEST_F(Verify, ShowsNamesThatAreNoTextInAFormThatCanBeRecorded) {
  fake.list("a", md5_of(""), "usr/caf\xe9");
  const PackageOutcome outcome = outcome_of(package());
  EXPECT_THAT(outcome.tally.findings, ElementsAre(missing("/usr/caf\\xe9")));
  EXPECT_NO_THROW(static_cast<void>(nlohmann::json(outcome).dump()));
}

}  // namespace
}  // namespace verify
