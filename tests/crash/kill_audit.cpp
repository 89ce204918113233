// Kills verify_packages on whatever it is given, such as this machine's packages, and says whether its report
// is the same as without. README.md tells how to use it. Usage: kill_audit VERIFY_PACKAGES FOLDER KILLS SEED
// [ARGUMENT-OF-VERIFY_PACKAGES]...

#include "tests/crash/audit_killer.hpp"

#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace cairn::testing {
namespace {

int kill_audit(const std::vector<std::string>& words) {
  if (words.size() < 4)
    throw std::runtime_error("usage: kill_audit VERIFY_PACKAGES FOLDER KILLS SEED [ARGUMENT]...");
  AuditKiller killer{words[0], {words.begin() + 4, words.end()}, words[1], std::cout};
  const KillReport report = killer.run(std::stoi(words[2]), std::stoull(words[3]));
  for (const auto& [moment, kills] : report.kills)
    std::cout << to_string(moment) << ": " << kills << " kills\n";
  std::cout << report.lives << " lives, " << report.audits << " audits\n";
  for (const std::string& fault : report.faults) std::cout << "FAULT: " << fault << '\n';
  bool equal = report.faults.empty();
  for (const std::string& disturbed : report.disturbed) equal = equal && disturbed == report.undisturbed;
  std::cout << (equal ? "the reports are equal\n" : "THE REPORTS DIFFER, OR A FILE WAS NOT SOUND\n");
  if (!equal) std::cout << report.disturbed.back();
  return equal ? 0 : 1;
}

}  // namespace
}  // namespace cairn::testing

int main(int argc, char** argv) {
  try {
    return cairn::testing::kill_audit({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "kill_audit: " << error.what() << '\n';
    return 2;
  }
}
