#include "cli/commands.hpp"
#include "cli/words.hpp"

#include <cairn/cairn.hpp>

#include <nlohmann/json.hpp>

namespace cairn::cli {
namespace {

std::string as_text(const std::filesystem::path& file, const SweepReport& report) {
  if (report.instances == 0) return file.string() + ": nothing has expired\n";
  return file.string() + ": deleted " + count(report.instances, "instance") + " with " +
         count(report.steps, "step") + " and " + count(report.events, "event") + "\n";
}

std::string as_json(const SweepReport& report) {
  const nlohmann::ordered_json json{
      {"instances", report.instances}, {"steps", report.steps}, {"events", report.events}};
  return json.dump() + "\n";
}

}  // namespace

std::string sweep(const SweepOptions& options) {
  std::unique_ptr<Store> store = open_sqlite(options.file, {.create = false, .lock_wait = Duration{200}});
  const Time last = store->ownership().last_time;
  Engine engine{std::move(store), {.workers = 1}};
  if (options.confirm_clock) engine.confirm_clock();
  try {
    const SweepReport report = engine.sweep();
    return options.as_json ? as_json(report) : as_text(options.file, report);
  } catch (const Error& error) {
    if (error.code() != Errc::clock_unconfirmed) throw;
    const Time now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    throw Error{error.code(), "nothing was deleted: the clock says " + to_iso8601(now) + ", but " +
                                  options.file.string() + " was last written at " + to_iso8601(last) +
                                  "; if the clock is right, say so with --confirm-clock"};
  }
}

}  // namespace cairn::cli
