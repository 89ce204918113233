#include "examples/verify_packages/dpkg_database.hpp"

#include "examples/verify_packages/text_file.hpp"
#include "tests/examples/fake_root.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace verify {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

class DpkgDatabase : public ::testing::Test {
 protected:
  [[nodiscard]] Root root() const { return Root{fake.folder()}; }
  FakeRoot fake;
};

TEST_F(DpkgDatabase, ListsInstalledPackagesByName) {
  fake.install("zlib");
  fake.install("coreutils");
  EXPECT_THAT(installed_packages(root()), ElementsAre("coreutils", "zlib"));
}

TEST_F(DpkgDatabase, LeavesOutWhatIsNotInstalled) {
  fake.append("var/lib/dpkg/status",
              "Package: gone\nStatus: deinstall ok config-files\n\n"
              "Package: half\nStatus: install reinstreq half-installed\n\n"
              "Package: never\nStatus: unknown ok not-installed\n\n");
  fake.install("there");
  EXPECT_THAT(installed_packages(root()), ElementsAre("there"));
}

TEST_F(DpkgDatabase, NamesThePackagesOfSeveralArchitecturesWithTheirOwn) {
  fake.install("libstdc++6", "Multi-Arch: same\n");
  fake.install("perl", "Multi-Arch: allowed\n");
  EXPECT_THAT(installed_packages(root()), ElementsAre("libstdc++6:amd64", "perl"));
}

TEST_F(DpkgDatabase, TellsTwoArchitecturesOfOnePackageApart) {
  fake.install("libc6", "Multi-Arch: same\n");
  fake.append("var/lib/dpkg/status",
              "Package: libc6\nStatus: install ok installed\nArchitecture: i386\nMulti-Arch: same\n\n");
  EXPECT_THAT(installed_packages(root()), ElementsAre("libc6:amd64", "libc6:i386"));
}

TEST_F(DpkgDatabase, IsNotMisledByTheTextOfADescription) {
  fake.install("a", "Description: a package\n Status: purge ok not-installed\n .\n Package: b\n");
  EXPECT_THAT(installed_packages(root()), ElementsAre("a"));
}

TEST_F(DpkgDatabase, ReadsTheLastParagraphWithoutAnEmptyLineBehindIt) {
  fake.write("var/lib/dpkg/status", "Package: a\nStatus: install ok installed");
  EXPECT_THAT(installed_packages(root()), ElementsAre("a"));
}

TEST_F(DpkgDatabase, TakesFieldNamesInAnyCase) {
  fake.write("var/lib/dpkg/status", "package: a\nSTATUS: install ok installed\n");
  EXPECT_THAT(installed_packages(root()), ElementsAre("a"));
}

TEST_F(DpkgDatabase, MayHaveNoPackages) {
  EXPECT_THAT(installed_packages(root()), IsEmpty());
}

TEST_F(DpkgDatabase, RefusesARootWithoutADatabase) {
  std::filesystem::remove(fake.path("var/lib/dpkg/status"));
  EXPECT_THAT([&] { static_cast<void>(installed_packages(root())); },
              ThrowsMessage<InputError>(HasSubstr("var/lib/dpkg/status: No such file")));
}

TEST_F(DpkgDatabase, RefusesAnInstalledPackageWithoutAName) {
  fake.write("var/lib/dpkg/status", "Status: install ok installed\n");
  EXPECT_THAT([&] { static_cast<void>(installed_packages(root())); },
              ThrowsMessage<InputError>(HasSubstr("without a name")));
}

TEST_F(DpkgDatabase, RefusesAPackageThatIsInstalledTwice) {
  fake.install("a");
  fake.install("a");
  EXPECT_THAT([&] { static_cast<void>(installed_packages(root())); },
              ThrowsMessage<InputError>(HasSubstr("the package a is installed twice")));
}

TEST_F(DpkgDatabase, KnowsWhereDpkgKeepsTheList) {
  EXPECT_EQ(md5sums_list("libc6:amd64"), "/var/lib/dpkg/info/libc6:amd64.md5sums");
}

TEST_F(DpkgDatabase, FindsADivertedFileWhereItWasMoved) {
  fake.write("var/lib/dpkg/diversions",
             "/usr/bin/pg_config\n/usr/bin/pg_config.libpq-dev\npostgresql-common\n");
  const Diversions diversions{root()};
  EXPECT_EQ(diversions.place_of("usr/bin/pg_config", "libpq-dev"), "/usr/bin/pg_config.libpq-dev");
  EXPECT_EQ(diversions.place_of("./usr/bin/pg_config", "libpq-dev:amd64"), "/usr/bin/pg_config.libpq-dev");
}

TEST_F(DpkgDatabase, FindsTheFileOfTheDivertingPackageInItsOwnPlace) {
  fake.write("var/lib/dpkg/diversions",
             "/usr/bin/pg_config\n/usr/bin/pg_config.libpq-dev\npostgresql-common\n");
  const Diversions diversions{root()};
  EXPECT_EQ(diversions.place_of("usr/bin/pg_config", "postgresql-common"), "/usr/bin/pg_config");
  EXPECT_EQ(diversions.place_of("usr/bin/pg_config", "postgresql-common:amd64"), "/usr/bin/pg_config");
}

TEST_F(DpkgDatabase, HonoursTheAdministratorsDiversionsForEveryPackage) {
  fake.write("var/lib/dpkg/diversions", "/usr/bin/a\n/usr/bin/a.real\n:\n");
  EXPECT_EQ(Diversions{root()}.place_of("usr/bin/a", "anything"), "/usr/bin/a.real");
}

TEST_F(DpkgDatabase, LeavesWhatIsNotDivertedInItsPlace) {
  EXPECT_EQ(Diversions{root()}.place_of("usr/bin/a", "a"), "/usr/bin/a");
  EXPECT_EQ(Diversions{}.place_of("./b", "a"), "/b");
}

TEST_F(DpkgDatabase, RefusesHalfADiversion) {
  fake.write("var/lib/dpkg/diversions", "/a\n/b\nc\n/d\n");
  EXPECT_THAT([&] { Diversions{root()}; },
              ThrowsMessage<InputError>(HasSubstr("a diversion is three lines")));
}

TEST_F(DpkgDatabase, ExcludesNothingWithoutFilters) {
  EXPECT_FALSE(PathFilters{root()}.excludes("usr/share/doc/a/readme"));
}

TEST_F(DpkgDatabase, ExcludesWhatAFilterMatchesAcrossFolders) {
  fake.write("etc/dpkg/dpkg.cfg", "path-exclude=/usr/share/doc/*\n");
  const PathFilters filters{root()};
  EXPECT_TRUE(filters.excludes("usr/share/doc/a/b/readme"));
  EXPECT_TRUE(filters.excludes("./usr/share/doc/a"));
  EXPECT_FALSE(filters.excludes("usr/share/docs"));
}

TEST_F(DpkgDatabase, LetsTheLastMatchingFilterDecide) {
  fake.write("etc/dpkg/dpkg.cfg", "path-exclude=/usr/share/doc/*\npath-include=/usr/share/doc/*/copyright\n");
  const PathFilters filters{root()};
  EXPECT_FALSE(filters.excludes("usr/share/doc/a/copyright"));
  EXPECT_TRUE(filters.excludes("usr/share/doc/a/copyright.old"));
}

TEST_F(DpkgDatabase, ReadsTheFolderOfFiltersByNameAndThenTheFile) {
  fake.write("etc/dpkg/dpkg.cfg.d/20-second", "path-include /usr/share/man/*\n");
  fake.write("etc/dpkg/dpkg.cfg.d/10-first", "path-exclude /usr/share/man/*\n");
  EXPECT_FALSE(PathFilters{root()}.excludes("usr/share/man/man1/a.1.gz"));
  fake.write("etc/dpkg/dpkg.cfg", "path-exclude /usr/share/man/*\n");
  EXPECT_TRUE(PathFilters{root()}.excludes("usr/share/man/man1/a.1.gz"));
}

TEST_F(DpkgDatabase, PassesOverLeftoversInTheFolderOfFilters) {
  fake.write("etc/dpkg/dpkg.cfg.d/docker.dpkg-old", "path-exclude /usr/*\n");
  fake.write("etc/dpkg/dpkg.cfg.d/.hidden", "path-exclude /usr/*\n");
  EXPECT_FALSE(PathFilters{root()}.excludes("usr/bin/a"));
}

TEST_F(DpkgDatabase, ReadsFiltersInEveryFormThatDpkgTakes) {
  fake.write("etc/dpkg/dpkg.cfg",
             "# path-exclude=/*\n"
             "no-debsig\n"
             "path-exclude=/a/*\n"
             "path-exclude /b/*  \n"
             "path-exclude = /c/*\n"
             "path-exclude=\"/d/*\"\n"
             "path-exclude '/e/*'\n");
  const PathFilters filters{root()};
  for (const char* path : {"a/x", "b/x", "c/x", "d/x", "e/x"}) EXPECT_TRUE(filters.excludes(path)) << path;
  EXPECT_FALSE(filters.excludes("f/x"));
}

}  // namespace
}  // namespace verify
