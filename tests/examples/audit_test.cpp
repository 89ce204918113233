#include "examples/verify_packages/audit.hpp"

#include "examples/verify_packages/instance_id.hpp"
#include "tests/examples/fake_root.hpp"
#include "tests/examples/set_clock.hpp"

#include <cairn/cairn.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace verify {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::ThrowsMessage;

// The program, from its start to its end or to where it is cut off.
class Program {
 public:
  explicit Program(const std::shared_ptr<SetClock>& clock, const std::filesystem::path& file = ":memory:")
      : auditor{cairn::open_sqlite(file), {.workers = 2, .clock = clock}, output, Times::hidden} {}

  AuditRequest go_on_or_begin(const AuditRequest& wanted) {
    const std::optional<AuditRequest> unfinished = auditor.unfinished();
    const AuditRequest request = unfinished ? *unfinished : auditor.begin(wanted);
    auditor.engine().start();
    return request;
  }
  Summary run(
      const AuditRequest& wanted, const OnPackage& on_package = [](auto...) {}) {
    return auditor.run(go_on_or_begin(wanted), on_package);
  }
  [[nodiscard]] std::vector<cairn::InstanceSummary> packages() {
    return auditor.engine().workflow("verify-package").list({.newest_first = false}).instances;
  }

  std::ostringstream output;
  Auditor auditor;
};

struct Cut {};

class Audit : public ::testing::Test {
 protected:
  Audit() {
    for (const char* package : {"a", "b", "c", "d"}) {
      fake.install(package);
      fake.ship(package, std::string{"usr/bin/"} + package, package);
    }
    request.root = fake.folder();
  }

  FakeRoot fake;
  AuditRequest request;
  std::shared_ptr<SetClock> clock = std::make_shared<SetClock>();
};

TEST_F(Audit, VerifiesEveryInstalledPackage) {
  fake.install("bare");
  fake.write("usr/bin/c", "changed");
  Program program{clock};
  const Summary summary = program.run(request);
  EXPECT_EQ(summary.audit, 1);
  EXPECT_EQ(summary.packages, 5);
  EXPECT_EQ(summary.without_list, 1);
  EXPECT_EQ(summary.total.files, 4);
  EXPECT_THAT(summary.findings, ElementsAre(PackageFinding{"c", {Verdict::altered, "/usr/bin/c", ""}}));
  EXPECT_EQ(exit_status(summary), 1);
}

TEST_F(Audit, PrintsItsReport) {
  Program program{clock};
  const Summary summary = program.run(request);
  EXPECT_THAT(program.output.str(), HasSubstr(to_text(summary, Times::hidden)));
  EXPECT_THAT(program.output.str(), HasSubstr("           0 were due and swept\n"));
  EXPECT_THAT(program.output.str(), HasSubstr("           4 of clean packages stay\n"));
}

TEST_F(Audit, TellsTheHostAfterEachPackage) {
  std::vector<std::string> told;
  Program{clock}.run(request, [&](std::size_t done, std::size_t total, const std::string& package) {
    told.push_back(package + " " + std::to_string(done) + "/" + std::to_string(total));
  });
  EXPECT_THAT(told, ElementsAre("a 1/4", "b 2/4", "c 3/4", "d 4/4"));
}

TEST_F(Audit, CoversOnlyThePackagesAskedFor) {
  request.only = "[bc]";
  Program program{clock};
  EXPECT_EQ(program.run(request).packages, 2);
}

TEST_F(Audit, TakesManifestsInsteadOfPackages) {
  fake.write("list.md5", md5_of("a") + "  usr/bin/a\n" + md5_of("") + "  absent\n");
  request.manifests = {fake.path("list.md5")};
  Program program{clock};
  const Summary summary = program.run(request);
  EXPECT_EQ(summary.packages, 1);
  EXPECT_EQ(counts_in_words(summary.total), "1 missing");
  EXPECT_EQ(exit_status(summary), 2);
}

TEST_F(Audit, KeepsPackagesWithFindingsLongerThanCleanOnes) {
  fake.write("usr/bin/b", "changed");
  request.only = "[ab]";
  request.keep_clean = 60'000;
  Program program{clock};
  program.run(request);
  const std::vector<cairn::InstanceSummary> packages = program.packages();
  ASSERT_THAT(packages, SizeIs(2));
  EXPECT_EQ(packages[0].status, cairn::Status::complete);
  EXPECT_EQ(*packages[0].expires - *packages[0].ended, 1min);
  EXPECT_EQ(packages[1].status, cairn::Status::errored);
  EXPECT_EQ(*packages[1].expires - *packages[1].ended, keep_findings);
}

TEST_F(Audit, CountsTheFindingsInTheErrorOfTheInstance) {
  fake.write("usr/bin/b", "changed");
  Program program{clock};
  program.run(request);
  const auto instance = program.auditor.engine().workflow("verify-package").get(package_instance_id(1, "b"));
  EXPECT_EQ(instance.describe().error->message, "1 altered");
}

TEST_F(Audit, SweepsWhatIsDueBehindTheSummary) {
  fake.write("usr/bin/b", "changed");
  request.keep_clean = 60'000;
  Program program{clock};
  const Summary summary = program.run(request, [&](auto...) { clock->advance(1h); });
  EXPECT_EQ(summary.packages, 4);
  EXPECT_EQ(summary.total.files, 4);
  EXPECT_THAT(program.output.str(), HasSubstr("           3 were due and swept\n"
                                              "           0 of clean packages stay\n"
                                              "           1 of packages with findings stay\n"));
  EXPECT_THAT(program.packages(), SizeIs(1));
}

TEST_F(Audit, IsFollowedByTheNextOne) {
  const FakeRoot elsewhere;
  const std::filesystem::path file = elsewhere.path("audits.db");
  EXPECT_EQ(Program(clock, file).run(request).audit, 1);
  fake.write("usr/bin/c", "changed");
  Program again{clock, file};
  EXPECT_EQ(again.auditor.unfinished(), std::nullopt);
  const Summary summary = again.run(request);
  EXPECT_EQ(summary.audit, 2);
  EXPECT_EQ(counts_in_words(summary.total), "1 altered");
}

TEST_F(Audit, NumbersGoOnWhenAllRecordsButTheNewestAreGone) {
  const FakeRoot elsewhere;
  const std::filesystem::path file = elsewhere.path("audits.db");
  for (int number = 1; number <= 3; ++number) {
    Program program{clock, file};
    EXPECT_EQ(program.run(request).audit, number);
    EXPECT_THAT(program.packages(), SizeIs(4));
    clock->advance(60 * 24h);
  }
}

// Cut off behind any of its packages, or before the first: what is left to do is done at the next start.
TEST_F(Audit, GoesOnWhereItWasCutOff) {
  fake.write("usr/bin/b", "changed");
  fake.write("usr/bin/d", "changed");
  Program undisturbed{clock};
  undisturbed.run(request);
  for (std::size_t place = 0; place <= 4; ++place) {
    const FakeRoot elsewhere;
    const std::filesystem::path file = elsewhere.path("audits.db");
    if (place == 0) {
      Program{clock, file}.auditor.begin(request);
    } else {
      EXPECT_THROW(Program(clock, file)
                       .run(request,
                            [&](std::size_t done, auto...) {
                              if (done == place) throw Cut{};
                            }),
                   Cut);
    }
    Program after{clock, file};
    EXPECT_NE(after.auditor.unfinished(), std::nullopt);
    after.run({.root = "/nowhere"});
    EXPECT_EQ(after.output.str(), undisturbed.output.str()) << "cut off at " << place;
    EXPECT_EQ(after.auditor.unfinished(), std::nullopt);
  }
}

TEST_F(Audit, StaysWithThePackagesThatItBeganWith) {
  const FakeRoot elsewhere;
  const std::filesystem::path file = elsewhere.path("audits.db");
  EXPECT_THROW(Program(clock, file).run(request, [](auto...) { throw Cut{}; }), Cut);
  fake.install("e");
  EXPECT_EQ(Program(clock, file).run(request).packages, 4);
}

TEST_F(Audit, CreatesAgainWhatWasSweptBeforeTheSummary) {
  const FakeRoot elsewhere;
  const std::filesystem::path file = elsewhere.path("audits.db");
  EXPECT_THROW(Program(clock, file)
                   .run(request,
                        [](std::size_t done, std::size_t total, auto...) {
                          if (done == total) throw Cut{};
                        }),
               Cut);
  clock->advance(1h);
  {
    cairn::Engine other{cairn::open_sqlite(file), {.clock = clock}};
    other.confirm_clock();
    EXPECT_EQ(other.sweep().instances, 4U);
  }
  const Summary summary = Program(clock, file).run(request);
  EXPECT_EQ(summary.packages, 4);
  EXPECT_EQ(exit_status(summary), 0);
}

TEST_F(Audit, SaysThatAPackageWasNotVerified) {
  Program program{clock};
  const AuditRequest begun = program.auditor.begin(request);
  auto packages = program.auditor.engine().workflow("verify-package");
  const Package params{.audit = 1, .name = "b", .list = "", .root = fake.folder()};
  packages.create({.id = package_instance_id(1, "b"), .params = params}).terminate();
  program.auditor.engine().start();
  const Summary summary = program.auditor.run(begun, [](auto...) {});
  ASSERT_THAT(summary.findings, SizeIs(1));
  EXPECT_EQ(summary.findings[0].package, "b");
  EXPECT_THAT(summary.findings[0].finding.reason, HasSubstr("not verified: "));
  EXPECT_EQ(exit_status(summary), 2);
}

TEST_F(Audit, CannotBeDoneWithoutADatabaseAndDoesNotBlockTheNext) {
  std::filesystem::remove(fake.path("var/lib/dpkg/status"));
  Program program{clock};
  EXPECT_THAT([&] { program.run(request); },
              ThrowsMessage<cairn::InstanceError>(HasSubstr("var/lib/dpkg/status: No such file")));
  EXPECT_EQ(program.auditor.unfinished(), std::nullopt);
  EXPECT_EQ(program.auditor.begin(request).audit, 2);
}

TEST_F(Audit, RefusesToVerifyNothing) {
  request.only = "nothing-of-that-name";
  Program program{clock};
  EXPECT_THAT([&] { program.run(request); },
              ThrowsMessage<cairn::InstanceError>(HasSubstr("nothing to verify")));
}

}  // namespace
}  // namespace verify
