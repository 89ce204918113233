#pragma once

#include "report.hpp"
#include "verify.hpp"

#include <cairn/cairn.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace verify {

// What is to be audited; the params of `verify-audit` and `verify-report`.
struct AuditRequest {
  std::int64_t audit = 0;
  std::string root = "/";
  std::vector<std::string> manifests = {};  // empty: the packages of dpkg under the root
  std::string only = "*";                   // names of packages
  std::int64_t keep_clean = 600'000;        // milliseconds
  bool operator==(const AuditRequest&) const = default;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(AuditRequest, audit, root, manifests, only, keep_clean)

inline constexpr cairn::Duration keep_findings = std::chrono::hours{24 * 30};

// Called after each package that has ended.
using OnPackage = std::function<void(std::size_t done, std::size_t total, const std::string& package)>;

// Audits, one after the other, in one file. An audit is instances of three workflows:
//
// - `verify-audit`, one: "list packages". Its output, the names, says what the audit is of, whatever is
//   installed meanwhile.
// - `verify-package`, one for each package: "read the list", "hash files", "conclude".
// - `verify-report`, one: "summarise", "sweep", "print the report". When it has ended, the audit is over.
//
// `run` creates each kind when the one before has ended. All that it does may be done twice, so that it does
// not matter where a crash cuts it off; README.md goes through the places.
class Auditor {
 public:
  // The reports go to `output`. The engine runs with `options`, but never sweeps in the background: clean
  // packages may be due long before the summary stands.
  Auditor(std::unique_ptr<cairn::Store> store, cairn::EngineOptions options, std::ostream& output,
          Times times);

  // The audit that was begun and is not over, if there is one.
  [[nodiscard]] std::optional<AuditRequest> unfinished() const;

  // Begins the next audit and gives the request its number. Call it when none is unfinished.
  AuditRequest begin(AuditRequest request);

  // Brings the audit to its end, from wherever it stands. Throws `cairn::InstanceError` when it cannot be
  // done at all, such as when there is no dpkg database under the root.
  Summary run(const AuditRequest& request, const OnPackage& on_package);

  [[nodiscard]] cairn::Engine& engine() noexcept { return engine_; }

 private:
  cairn::Task<std::vector<std::string>> audit(cairn::Context& ctx, AuditRequest request) const;
  cairn::Task<Summary> report(cairn::Context& ctx, AuditRequest request);

  void create_instances(const AuditRequest& request, const std::vector<std::string>& names);
  void wait_for_packages(const AuditRequest& request, const std::vector<std::string>& names,
                         const OnPackage& on_package) const;
  [[nodiscard]] Summary collect_summary(const AuditRequest& request) const;
  [[nodiscard]] Records sweep_records(const Summary& summary);

  std::ostream& output_;
  Times times_;
  std::optional<cairn::Workflow<Package, PackageOutcome>> packages_;
  std::optional<cairn::Workflow<AuditRequest, std::vector<std::string>>> audits_;
  std::optional<cairn::Workflow<AuditRequest, Summary>> reports_;
  cairn::Engine engine_;  // the last member, the first to go: its bodies use the others
};

}  // namespace verify
