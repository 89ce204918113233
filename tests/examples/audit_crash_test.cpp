// The question: is the report the same when the program is killed in front of, or right behind, each of its
// commits?

#include "examples/verify_packages/audit.hpp"
#include "examples/verify_packages/text_file.hpp"
#include "tests/examples/fake_root.hpp"
#include "tests/examples/set_clock.hpp"
#include "tests/forwarding_store.hpp"

#include <cairn/cairn.hpp>
#include <cairn/store.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace verify {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

// Where the process is killed: `before` or behind the commit of that number, from 1.
struct Death {
  int commit = 0;
  bool before = true;
};

// A store that kills its process on the way.
class DeadlyStore final : public cairn::testing::ForwardingStore {
 public:
  DeadlyStore(std::unique_ptr<cairn::Store> store, Death death)
      : ForwardingStore{std::move(store)}, death_{death} {}

  std::vector<cairn::Outcome> apply(std::span<const cairn::Change> group, cairn::Time now) override {
    const bool last = ++commits_ == death_.commit;
    if (last && death_.before) std::raise(SIGKILL);
    std::vector<cairn::Outcome> outcomes = ForwardingStore::apply(group, now);
    if (last) std::raise(SIGKILL);
    return outcomes;
  }

 private:
  Death death_;
  int commits_ = 0;
};

// Three packages, one of them with findings, one with two portions. Clean ones are due when the report is
// made.
class AuditCrash : public ::testing::Test {
 protected:
  AuditCrash() {
    for (int i = 0; i < 70; ++i) fake.ship("long", "usr/share/long/" + std::to_string(i), "");
    fake.ship("clean", "usr/bin/clean", "clean");
    fake.list("damaged", md5_of("damaged"), "usr/bin/damaged");
    for (const char* package : {"long", "clean", "damaged"}) fake.install(package);
    request.root = fake.folder();
    request.keep_clean = 60'000;
  }

  // The whole program in a process of its own, started for the first or the second time. Gives its exit
  // status; nothing when it was killed.
  std::optional<int> run_program(int start, Death death) const {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(audit(start, death));
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) return std::nullopt;
    return WEXITSTATUS(status);
  }

  [[nodiscard]] std::string report_of(int start) const { return read_text(fake.path(report_name(start))); }

  void begin_anew() const {
    for (const char* name : {"audits.db", "audits.db-wal", "audits.db-shm"}) {
      std::filesystem::remove(fake.path(name));
    }
  }

  FakeRoot fake;
  AuditRequest request;

 private:
  static std::string report_name(int start) { return "report-" + std::to_string(start); }

  [[nodiscard]] int audit(int start, Death death) const {
    const auto clock = std::make_shared<SetClock>();
    clock->advance(24h * start);
    std::ofstream output{fake.path(report_name(start))};
    auto store = std::make_unique<DeadlyStore>(cairn::open_sqlite(fake.path("audits.db")), death);
    Auditor auditor{std::move(store), {.workers = 2, .clock = clock}, output, Times::hidden};
    const std::optional<AuditRequest> unfinished = auditor.unfinished();
    const AuditRequest begun = unfinished ? *unfinished : auditor.begin(request);
    auditor.engine().start();
    return exit_status(auditor.run(begun, [&](auto...) { clock->advance(1h); }));
  }
};

TEST_F(AuditCrash, LeavesTheReportAsItIsWhereverItStrikes) {
  ASSERT_EQ(run_program(1, {}), 2);
  const std::string undisturbed = report_of(1);
  ASSERT_THAT(undisturbed, HasSubstr("           2 were due and swept\n"));

  for (const bool before : {true, false}) {
    int commit = 0;
    for (bool killed = true; killed;) {
      begin_anew();
      killed = run_program(1, {++commit, before}) == std::nullopt;
      const std::string first = report_of(1);
      EXPECT_EQ(run_program(2, {}), 2);
      const std::string second = report_of(2);
      // Once the first audit is over, its report is out, and the next start begins the next audit.
      const bool was_over = second.starts_with("Audit 2 ");
      EXPECT_EQ(was_over ? first : second, undisturbed)
          << "killed " << (before ? "before" : "behind") << " commit " << commit;
    }
    EXPECT_GT(commit, 10);
  }
}

// The first commits of a start: what was running is recovered, and the next things begin.
TEST_F(AuditCrash, LeavesTheReportAsItIsWhenItStrikesTheRecoveryToo) {
  ASSERT_EQ(run_program(1, {}), 2);
  const std::string undisturbed = report_of(1);
  constexpr int definitions = 3;
  for (const int first : {5, 7, 9}) {
    for (const int second : {definitions, definitions + 1, definitions + 2}) {
      begin_anew();
      if (run_program(1, {first, false})) continue;
      for (int life = 2; life < 4; ++life) {
        EXPECT_EQ(run_program(life, {second, life == 2}), std::nullopt);
      }
      EXPECT_EQ(run_program(4, {}), 2);
      EXPECT_EQ(report_of(4), undisturbed)
          << "killed behind commit " << first << ", then twice at " << second;
    }
  }
}

}  // namespace
}  // namespace verify
