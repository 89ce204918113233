#include "cli/commands.hpp"

#include <cairn/check.hpp>
#include <cairn/detail/counted.hpp>

#include <nlohmann/json.hpp>

#include <utility>

namespace cairn::cli {
namespace {

std::string as_text(const std::filesystem::path& file, const CheckReport& report) {
  std::string text;
  for (const Finding& finding : report.findings) {
    text += finding.rule + ": " + finding.subject + (finding.subject.empty() ? "" : " ") + finding.what +
            "\n";
  }
  if (report.violations > report.findings.size())
    text += "… and " + std::to_string(report.violations - report.findings.size()) + " more\n";
  const std::string looked_at = detail::counted(report.instances, "instance") + ", " +
                                detail::counted(report.steps, "step") + ", " +
                                detail::counted(report.events, "event") + ", " +
                                detail::counted(report.rules, "rule");
  text += file.string() + ": " +
          (report.sound() ? std::string{"sound"} : detail::counted(report.violations, "violation")) + " (" +
          looked_at + ")\n";
  return text;
}

std::string as_json(const CheckReport& report) {
  nlohmann::ordered_json findings = nlohmann::ordered_json::array();
  for (const Finding& finding : report.findings)
    findings.push_back({{"rule", finding.rule}, {"subject", finding.subject}, {"what", finding.what}});
  const nlohmann::ordered_json json{
      {"sound", report.sound()},       {"violations", report.violations}, {"findings", std::move(findings)},
      {"instances", report.instances}, {"steps", report.steps},           {"events", report.events},
      {"rules", report.rules}};
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

Checked check(const CheckCommandOptions& options) {
  const CheckReport report = check_file(options.file);
  return {.text = options.as_json ? as_json(report) : as_text(options.file, report), .sound = report.sound()};
}

}  // namespace cairn::cli
