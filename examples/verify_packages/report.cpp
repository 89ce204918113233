#include "report.hpp"

#include <algorithm>
#include <array>
#include <iomanip>
#include <span>
#include <sstream>
#include <tuple>
#include <utility>

namespace verify {
namespace {

std::string with_commas(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3;) digits.insert(i -= 3, ",");
  return digits;
}

std::string in_seconds(std::int64_t milliseconds) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << static_cast<double>(milliseconds) / 1'000 << " s";
  return text.str();
}

std::string in_bytes(std::int64_t bytes) {
  constexpr std::array units = {"bytes", "kB", "MB", "GB", "TB"};
  if (bytes < 1'000) return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
  auto amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; amount >= 999.95 && unit + 1 < units.size(); ++unit) amount /= 1'000;
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << amount << ' ' << units[unit];
  return text.str();
}

std::vector<PackageFinding> first_findings(const std::vector<PackageOutcome>& outcomes) {
  std::vector<PackageFinding> all;
  for (const PackageOutcome& outcome : outcomes) {
    for (const Finding& finding : outcome.tally.findings) all.push_back({outcome.package, finding});
  }
  const auto order = [](const PackageFinding& entry) {
    return std::tie(entry.package, entry.finding.path, entry.finding.verdict, entry.finding.reason);
  };
  std::sort(all.begin(), all.end(),
            [&](const auto& left, const auto& right) { return order(left) < order(right); });

  std::size_t shown = 0;
  for (std::size_t bytes = 0; shown < std::min(all.size(), findings_shown_max); ++shown) {
    bytes += json_bytes_at_most(all[shown].finding) + all[shown].package.size();
    if (bytes > findings_bytes_max) break;
  }
  all.resize(shown);
  return all;
}

std::vector<SlowPackage> slowest_of(const std::vector<PackageOutcome>& outcomes) {
  std::vector<SlowPackage> all;
  for (const PackageOutcome& outcome : outcomes) {
    if (outcome.tally.files == 0) continue;
    all.push_back({outcome.package, outcome.milliseconds, outcome.tally.files, outcome.tally.bytes});
  }
  std::sort(all.begin(), all.end(), [](const SlowPackage& left, const SlowPackage& right) {
    return std::tie(right.milliseconds, left.package) < std::tie(left.milliseconds, right.package);
  });
  all.resize(std::min(all.size(), slowest_shown_max));
  return all;
}

void write_count(std::ostream& text, const char* name, const std::string& count,
                 const std::string& remark = {}) {
  text << "  " << std::left << std::setw(10) << name << std::right << std::setw(18) << count;
  if (!remark.empty()) text << "   " << remark;
  text << '\n';
}

void write_findings(std::ostream& text, const Summary& summary, std::size_t shown) {
  const std::int64_t all = count_of_findings(summary.total);
  if (all == 0) return;
  text << "Findings in " << with_commas(summary.with_findings)
       << (summary.with_findings == 1 ? " package\n" : " packages\n");
  shown = std::min(shown, summary.findings.size());
  for (const PackageFinding& entry : std::span{summary.findings}.first(shown)) {
    text << "  " << std::left << std::setw(12) << to_word(entry.finding.verdict) << entry.package << "  "
         << entry.finding.path;
    if (!entry.finding.reason.empty()) text << ": " << entry.finding.reason;
    text << '\n';
  }
  const std::int64_t more = all - static_cast<std::int64_t>(shown);
  if (more > 0) text << "  and " << with_commas(more) << " more\n";
}

void write_times(std::ostream& text, const Summary& summary, std::size_t shown) {
  text << "Time  " << in_seconds(summary.milliseconds) << '\n';
  if (!summary.slowest.empty()) text << "Slowest packages, by time spent on hashing\n";
  shown = std::min(shown, summary.slowest.size());
  for (const SlowPackage& slow : std::span{summary.slowest}.first(shown)) {
    text << "  " << std::right << std::setw(10) << in_seconds(slow.milliseconds) << "  " << slow.package
         << " (" << with_commas(slow.files) << (slow.files == 1 ? " file, " : " files, ")
         << in_bytes(slow.bytes) << ")\n";
  }
}

void write_kept(std::ostream& text, const char* whose, std::int64_t count, const std::string& until,
                Times times) {
  text << "  " << std::right << std::setw(10) << with_commas(count) << ' ' << whose << " stay";
  if (times == Times::shown && count > 0) text << ", the last until " << until;
  text << '\n';
}

}  // namespace

Summary summarise(std::int64_t audit, std::string subject, std::vector<PackageOutcome> outcomes,
                  std::chrono::milliseconds elapsed) {
  Summary summary{.audit = audit, .subject = std::move(subject), .milliseconds = elapsed.count()};
  summary.packages = static_cast<std::int64_t>(outcomes.size());
  summary.findings = first_findings(outcomes);
  summary.slowest = slowest_of(outcomes);
  for (PackageOutcome& outcome : outcomes) {
    if (!outcome.has_list) ++summary.without_list;
    if (count_of_findings(outcome.tally) > 0) ++summary.with_findings;
    outcome.tally.findings.clear();
    add(summary.total, outcome.tally);
  }
  return summary;
}

int exit_status(const Summary& summary) {
  if (summary.total.missing > 0 || summary.total.unreadable > 0) return 2;
  return summary.total.altered > 0 ? 1 : 0;
}

std::string to_text(const Summary& summary, Times times, Shown shown) {
  const Tally& total = summary.total;
  std::ostringstream text;
  text << "Audit " << summary.audit << " of " << summary.subject << '\n';
  write_count(
      text, "packages", with_commas(summary.packages),
      summary.without_list == 0 ? "" : with_commas(summary.without_list) + " without a list of checksums");
  write_count(
      text, "files", with_commas(total.files),
      total.excluded == 0 ? "" : with_commas(total.excluded) + " more left out by dpkg's path filters");
  write_count(text, "bytes", with_commas(total.bytes), total.bytes < 1'000 ? "" : in_bytes(total.bytes));
  write_count(text, "altered", with_commas(total.altered));
  write_count(text, "missing", with_commas(total.missing));
  write_count(text, "unreadable", with_commas(total.unreadable));
  write_findings(text, summary, shown.findings);
  if (times == Times::shown) write_times(text, summary, shown.slowest);
  return text.str();
}

std::string to_text(const Records& records, Times times) {
  std::ostringstream text;
  text << "Records of packages in the file\n  " << std::right << std::setw(10) << with_commas(records.swept)
       << " were due and swept\n";
  write_kept(text, "of clean packages", records.clean, records.clean_until, times);
  write_kept(text, "of packages with findings", records.with_findings, records.with_findings_until, times);
  return text.str();
}

}  // namespace verify
