// The question: does verify_packages, the program itself, give the same report when it is killed twenty
// times?

#include "tests/crash/audit_killer.hpp"
#include "tests/crash/folder.hpp"
#include "tests/crash/kills.hpp"
#include "tests/examples/fake_root.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <string>

namespace cairn::testing {
namespace {

using ::testing::Each;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr int kills = 20;
constexpr int packages = 400;

// Enough packages that creation and sweep take their time. Every tenth has a finding, a few have portions.
void install_packages(const verify::FakeRoot& root) {
  for (int i = 0; i < packages; ++i) {
    const std::string name = "package-" + std::to_string(i);
    root.install(name);
    root.ship(name, "usr/share/" + name + "/file", "of " + name);
    if (i % 10 == 0) root.list(name, verify::md5_of("else"), "usr/share/" + name + "/missing");
  }
  for (int i = 0; i < 200; ++i) root.ship("package-7", "usr/share/long/" + std::to_string(i), "");
}

TEST(AuditKill, TheReportOfTheProgramIsTheSameAfterTwentyKills) {
  const verify::FakeRoot root;
  install_packages(root);
  const Folder folder;
  const std::uint64_t seed = crash_seed();
  std::cout << "seed " << seed << " (CAIRN_CRASH_SEED)\n";

  AuditKiller killer{
      CAIRN_VERIFY_PACKAGES, {"--root", root.folder(), "--keep-clean", "1 ms"}, folder.path(), std::cout};
  const KillReport report = killer.run(kills, seed);

  EXPECT_THAT(report.undisturbed, HasSubstr("         360 were due and swept\n"));
  EXPECT_THAT(report.disturbed, Each(report.undisturbed));
  EXPECT_THAT(report.faults, IsEmpty());
  EXPECT_THAT(report.kills, SizeIs(5));
  EXPECT_THAT(report.kills, Each(Pair(::testing::_, Ge(2))));
}

}  // namespace
}  // namespace cairn::testing
