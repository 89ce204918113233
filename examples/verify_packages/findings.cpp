#include "findings.hpp"

#include <numeric>
#include <utility>

namespace verify {
namespace {

bool has_room(const Tally& tally, const Finding& finding) {
  if (tally.findings.size() >= findings_kept_max) return false;
  const auto add_bytes = [](std::size_t sum, const Finding& kept) { return sum + json_bytes_at_most(kept); };
  const std::size_t bytes = std::accumulate(tally.findings.begin(), tally.findings.end(), std::size_t{0},
                                            add_bytes);
  return bytes + json_bytes_at_most(finding) <= findings_bytes_max;
}

void keep(Tally& tally, Finding finding) {
  if (has_room(tally, finding)) tally.findings.push_back(std::move(finding));
}

}  // namespace

std::size_t json_bytes_at_most(const Finding& finding) {
  constexpr std::size_t braces_and_keys = 64;
  return 2 * (finding.path.size() + finding.reason.size()) + braces_and_keys;
}

void note(Tally& tally, Finding finding) {
  switch (finding.verdict) {
    case Verdict::altered:
      ++tally.altered;
      break;
    case Verdict::missing:
      ++tally.missing;
      break;
    case Verdict::unreadable:
      ++tally.unreadable;
      break;
  }
  keep(tally, std::move(finding));
}

void add(Tally& tally, const Tally& part) {
  tally.files += part.files;
  tally.bytes += part.bytes;
  tally.excluded += part.excluded;
  tally.altered += part.altered;
  tally.missing += part.missing;
  tally.unreadable += part.unreadable;
  for (const Finding& finding : part.findings) keep(tally, finding);
}

std::int64_t count_of_findings(const Tally& tally) {
  return tally.altered + tally.missing + tally.unreadable;
}

std::string counts_in_words(const Tally& tally) {
  std::string words;
  const auto count = [&](std::int64_t number, Verdict verdict) {
    if (number == 0) return;
    if (!words.empty()) words += ", ";
    words += std::to_string(number) + " " + to_word(verdict);
  };
  count(tally.altered, Verdict::altered);
  count(tally.missing, Verdict::missing);
  count(tally.unreadable, Verdict::unreadable);
  return words;
}

const char* to_word(Verdict verdict) {
  switch (verdict) {
    case Verdict::altered:
      return "altered";
    case Verdict::missing:
      return "missing";
    case Verdict::unreadable:
      break;
  }
  return "unreadable";
}

}  // namespace verify
