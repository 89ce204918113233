#include "verify.hpp"

#include "digest.hpp"
#include "dpkg_database.hpp"
#include "file_hash.hpp"
#include "md5sums.hpp"
#include "root.hpp"
#include "text_file.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace verify {
namespace {

// Where the files of one package are to be found.
class Places {
 public:
  explicit Places(const Package& package) : package_{package}, root_{package.root} {
    if (!package.from_dpkg) return;
    diversions_ = Diversions{root_};
    filters_ = PathFilters{root_};
  }

  [[nodiscard]] std::filesystem::path list() const {
    return package_.from_dpkg ? root_.locate(package_.list) : std::filesystem::path{package_.list};
  }
  [[nodiscard]] bool excluded(std::string_view path) const { return filters_.excludes(path); }
  // Seen from the root.
  [[nodiscard]] std::string place_of(std::string_view path) const {
    return diversions_.place_of(path, package_.name);
  }

  [[nodiscard]] FileHash hash(std::string_view path) const {
    try {
      return hash_file(root_.locate(place_of(path)));
    } catch (const std::filesystem::filesystem_error& error) {
      return {.state = FileState::unreadable, .reason = error.code().message()};
    }
  }

  [[nodiscard]] std::int64_t size(std::string_view path) const {
    try {
      return size_of(root_.locate(place_of(path)));
    } catch (const std::filesystem::filesystem_error&) {
      return 0;
    }
  }

 private:
  const Package& package_;
  Root root_;
  Diversions diversions_;
  PathFilters filters_;
};

std::vector<Portion> cut_into_portions(std::string_view text, const Places& places,
                                       const std::vector<Md5sum>& sums) {
  std::vector<std::int64_t> sizes(sums.size());
  std::transform(sums.begin(), sums.end(), sizes.begin(),
                 [&](const Md5sum& sum) { return places.size(sum.path); });
  const std::size_t files_max = std::max(portion_files, sums.size() / 1'000);
  const std::int64_t bytes_max = std::max(
      portion_bytes, std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0}) / 1'000);

  std::vector<Portion> portions;
  std::size_t begin = 0;
  std::size_t files = 0;
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    ++files;
    bytes += sizes[i];
    const bool last = i + 1 == sums.size();
    if (!last && files < files_max && bytes + sizes[i + 1] <= bytes_max) continue;
    const std::string_view lines = text.substr(begin, sums[i].line_end - begin);
    portions.push_back({.offset = static_cast<std::int64_t>(begin),
                        .length = static_cast<std::int64_t>(lines.size()),
                        .md5 = md5_of(lines)});
    begin = sums[i].line_end;
    files = 0;
    bytes = 0;
  }
  return portions;
}

void check_file(const Places& places, const Md5sum& sum, Tally& tally) {
  FileHash hash = places.hash(sum.path);
  if (hash.state == FileState::missing && places.excluded(sum.path)) {
    ++tally.excluded;
    return;
  }
  ++tally.files;
  tally.bytes += hash.bytes;
  if (hash.state == FileState::read && hash.md5 == sum.digest) return;
  const Verdict verdict = hash.state == FileState::missing ? Verdict::missing
                          : hash.state == FileState::read  ? Verdict::altered
                                                           : Verdict::unreadable;
  note(tally,
       {.verdict = verdict, .path = printable(places.place_of(sum.path)), .reason = std::move(hash.reason)});
}

Finding unusable_list(const Package& package, std::string reason) {
  return {.verdict = Verdict::unreadable, .path = printable(package.list), .reason = std::move(reason)};
}

}  // namespace

ListReading read_list(const Package& package) {
  ListReading reading;
  if (package.list.empty()) return reading;
  try {
    const Places places{package};
    const std::string text = read_text(places.list());
    reading.portions = cut_into_portions(text, places, parse_md5sums(text, package.list));
  } catch (const std::runtime_error& error) {
    reading.problem = printable(error.what());
  }
  return reading;
}

PortionResult hash_portion(const Package& package, const Portion& portion) {
  const auto started = std::chrono::steady_clock::now();
  PortionResult result;
  try {
    const Places places{package};
    const std::string text = read_text(places.list(), portion.offset, portion.length);
    if (md5_of(text) != portion.md5) throw InputError("the list has changed since the audit read it");
    for (const Md5sum& sum : parse_md5sums(text, package.list)) check_file(places, sum, result.tally);
  } catch (const std::runtime_error& error) {
    note(result.tally, unusable_list(package, printable(error.what())));
  }
  const auto spent = std::chrono::steady_clock::now() - started;
  result.microseconds = std::chrono::duration_cast<std::chrono::microseconds>(spent).count();
  return result;
}

PackageOutcome conclude(const Package& package, const ListReading& reading,
                        const std::vector<PortionResult>& results) {
  PackageOutcome outcome{.package = package.name, .has_list = !package.list.empty()};
  if (!reading.problem.empty()) note(outcome.tally, unusable_list(package, reading.problem));
  std::int64_t microseconds = 0;
  for (const PortionResult& result : results) {
    add(outcome.tally, result.tally);
    microseconds += result.microseconds;
  }
  outcome.milliseconds = (microseconds + 500) / 1'000;
  return outcome;
}

cairn::Task<PackageOutcome> verify_package(cairn::Context& ctx, Package package) {
  const ListReading reading = co_await ctx.step("read the list", repeatable_step,
                                                [&] { return read_list(package); });
  const std::vector<PortionResult> results = co_await ctx.map(
      "hash files", repeatable_step, reading.portions,
      [&](const Portion& portion) { return hash_portion(package, portion); });
  const PackageOutcome outcome = co_await ctx.step(conclude_step, repeatable_step,
                                                   [&] { return conclude(package, reading, results); });
  const std::string found = counts_in_words(outcome.tally);
  if (!found.empty()) throw cairn::NonRetryableError(found, "Findings");
  co_return outcome;
}

}  // namespace verify
