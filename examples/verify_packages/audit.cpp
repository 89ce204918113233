#include "audit.hpp"

#include "dpkg_database.hpp"
#include "instance_id.hpp"
#include "text_file.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <ostream>
#include <utility>

namespace verify {
namespace {

constexpr std::size_t page_size = 1'000;

// The records of an audit outlive those of its packages by a day. So the newest audit is known for as long as
// any record of its packages is in the file, and no number is given twice.
cairn::Retention retention_of_audit(const AuditRequest& request) {
  const cairn::Duration longest = std::max(keep_findings, cairn::Duration{request.keep_clean});
  const cairn::Duration kept = std::min<cairn::Duration>(longest + std::chrono::hours{24},
                                                         cairn::duration_max);
  return {.success = kept, .error = kept};
}

std::string subject_of(const AuditRequest& request) {
  if (!request.manifests.empty()) return "manifests under " + request.root;
  return "the packages of " + request.root + (request.only == "*" ? "" : " named " + request.only);
}

std::vector<std::string> list_packages(const AuditRequest& request) {
  std::vector<std::string> names = request.manifests;
  if (names.empty()) names = installed_packages(Root{request.root});
  std::erase_if(
      names, [&](const std::string& name) { return ::fnmatch(request.only.c_str(), name.c_str(), 0) != 0; });
  if (names.empty()) throw InputError("nothing to verify: there are none of " + subject_of(request));
  return names;
}

Package package_of(const AuditRequest& request, const std::string& name) {
  Package package{.audit = request.audit,
                  .name = name,
                  .list = name,
                  .root = request.root,
                  .from_dpkg = request.manifests.empty()};
  if (!package.from_dpkg) return package;
  package.list = md5sums_list(name);
  if (!std::filesystem::exists(Root{request.root}.locate(package.list))) package.list.clear();
  return package;
}

cairn::EngineOptions without_sweeper(cairn::EngineOptions options) {
  options.sweep_interval = cairn::Duration{0};
  return options;
}

PackageOutcome not_verified(const std::string& package, const std::string& why) {
  PackageOutcome outcome{.package = package, .has_list = true};
  note(outcome.tally,
       {.verdict = Verdict::unreadable, .path = "(all files)", .reason = "not verified: " + printable(why)});
  return outcome;
}

// What "conclude" recorded. An instance that ended without it (terminated by hand, or a body that failed for
// good) says why.
PackageOutcome recorded_outcome(const std::string& package, const cairn::InstanceDetail& detail) {
  for (const cairn::StepDetail& step : detail.steps) {
    if (step.output && step.name.starts_with(conclude_step)) return step.output->get<PackageOutcome>();
  }
  return not_verified(package,
                      detail.error ? detail.error->message : std::string{cairn::to_string(detail.status)});
}

template <class Workflow, class Visitor>
void for_each_record(const Workflow& workflow, Visitor visit) {
  cairn::ListFilter filter;
  filter.limit = page_size;
  do {
    const cairn::Page page = workflow.list(filter);
    for (const cairn::InstanceSummary& instance : page.instances) visit(instance);
    filter.cursor = page.cursor;
  } while (!filter.cursor.empty());
}

// Numbers rise, and an instance of `verify-audit` that somebody made by hand under another id is none of
// ours.
template <class Workflow>
std::int64_t newest_audit(const Workflow& audits) {
  std::int64_t newest = 0;
  for_each_record(audits, [&](const cairn::InstanceSummary& instance) {
    newest = std::max(newest, audit_number(instance.id).value_or(0));
  });
  return newest;
}

}  // namespace

Auditor::Auditor(std::unique_ptr<cairn::Store> store, cairn::EngineOptions options, std::ostream& output,
                 Times times)
    : output_{output}, times_{times}, engine_{std::move(store), without_sweeper(std::move(options))} {
  packages_ = engine_.define("verify-package", verify_package);
  audits_ = engine_.define("verify-audit", [this](cairn::Context& ctx, AuditRequest request) {
    return audit(ctx, std::move(request));
  });
  reports_ = engine_.define("verify-report", [this](cairn::Context& ctx, AuditRequest request) {
    return report(ctx, std::move(request));
  });
}

std::optional<AuditRequest> Auditor::unfinished() const {
  const std::int64_t newest = newest_audit(*audits_);
  if (newest == 0) return std::nullopt;
  const std::string id = audit_instance_id(newest);
  const cairn::InstanceDetail audit = audits_->get(id).describe();
  if (cairn::is_finished(audit.status) && audit.status != cairn::Status::complete) return std::nullopt;
  const auto report = reports_->find(id);
  if (report && cairn::is_finished(report->status())) return std::nullopt;
  return audit.params.get<AuditRequest>();
}

AuditRequest Auditor::begin(AuditRequest request) {
  request.audit = newest_audit(*audits_) + 1;
  audits_->create(
      {.id = audit_instance_id(request.audit), .params = request, .retention = retention_of_audit(request)});
  return request;
}

Summary Auditor::run(const AuditRequest& request, const OnPackage& on_package) {
  const std::string id = audit_instance_id(request.audit);
  const std::vector<std::string> names = audits_->get(id).wait();
  if (!reports_->find(id)) {
    create_instances(request, names);
    wait_for_packages(request, names, on_package);
    reports_->create({.id = id, .params = request, .retention = retention_of_audit(request)});
  }
  return reports_->get(id).wait();
}

// One batch, all or nothing. After a crash it is repeated and creates only what is missing.
void Auditor::create_instances(const AuditRequest& request, const std::vector<std::string>& names) {
  const cairn::Retention retention{.success = cairn::Duration{request.keep_clean}, .error = keep_findings};
  std::vector<cairn::NewInstance<Package>> batch;
  batch.reserve(names.size());
  for (const std::string& name : names) {
    batch.push_back({.id = package_instance_id(request.audit, name),
                     .params = package_of(request, name),
                     .retention = retention});
  }
  packages_->create_batch(std::move(batch), {.on_conflict = cairn::OnConflict::skip});
}

void Auditor::wait_for_packages(const AuditRequest& request, const std::vector<std::string>& names,
                                const OnPackage& on_package) const {
  std::size_t done = 0;
  for (const std::string& name : names) {
    try {
      static_cast<void>(packages_->get(package_instance_id(request.audit, name)).wait());
    } catch (const cairn::InstanceError&) {
      // It has findings, or was not verified: for the report to say.
    }
    on_package(++done, names.size(), name);
  }
}

cairn::Task<std::vector<std::string>> Auditor::audit(cairn::Context& ctx, AuditRequest request) const {
  const std::vector<std::string> names = co_await ctx.step("list packages", repeatable_step, [&] {
    try {
      return list_packages(request);
    } catch (const InputError& error) {
      throw cairn::NonRetryableError(error.what(), "InputError");
    }
  });
  co_return names;
}

cairn::Task<Summary> Auditor::report(cairn::Context& ctx, AuditRequest request) {
  const Summary summary = co_await ctx.step("summarise", repeatable_step,
                                            [&] { return collect_summary(request); });
  // The summary stands. Only from here on may the records go that it was made of.
  const Records records = co_await ctx.step("sweep", repeatable_step, [&] { return sweep_records(summary); });
  co_await ctx.step("print the report", repeatable_step, [&] {
    output_ << to_text(summary, times_) << to_text(records, times_) << std::flush;
    if (!output_) throw cairn::NonRetryableError("the report cannot be written", "OutputError");
  });
  co_return summary;
}

Summary Auditor::collect_summary(const AuditRequest& request) const {
  const auto audit = audits_->get(audit_instance_id(request.audit));
  const cairn::Time begun = audit.describe().created;
  cairn::Time ended = begun;
  std::vector<PackageOutcome> outcomes;
  for (const std::string& name : audit.wait()) {
    const auto instance = packages_->find(package_instance_id(request.audit, name));
    if (!instance) {
      outcomes.push_back(
          not_verified(name, "its record was swept by another program before the report was made"));
      continue;
    }
    const cairn::InstanceDetail detail = instance->describe();
    outcomes.push_back(recorded_outcome(name, detail));
    ended = std::max(ended, detail.ended.value_or(begun));
  }
  Summary summary = summarise(request.audit, subject_of(request), std::move(outcomes), ended - begun);
  for_each_record(*packages_, [&](const cairn::InstanceSummary&) { ++summary.records; });
  return summary;
}

// How many went is told by how many are left, so that a sweep that a crash cut in two says the same as one
// that went through.
Records Auditor::sweep_records(const Summary& summary) {
  engine_.confirm_clock();  // to cairn, a month between two audits looks like a clock that leapt; here it is
                            // the rule
  engine_.sweep();
  Records records{.swept = summary.records};
  cairn::Time clean_until = {};
  cairn::Time with_findings_until = {};
  for_each_record(*packages_, [&](const cairn::InstanceSummary& instance) {
    const bool clean = instance.status == cairn::Status::complete;
    cairn::Time& until = clean ? clean_until : with_findings_until;
    until = std::max(until, instance.expires.value_or(until));
    ++(clean ? records.clean : records.with_findings);
    --records.swept;
  });
  records.clean_until = cairn::to_iso8601(clean_until);
  records.with_findings_until = cairn::to_iso8601(with_findings_until);
  return records;
}

}  // namespace verify
