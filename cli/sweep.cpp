#include "cli/commands.hpp"

#include <cairn/cairn.hpp>
#include <cairn/detail/counted.hpp>

#include <nlohmann/json.hpp>

#include <memory>
#include <utility>

namespace cairn::cli {
namespace {

std::string as_text(const std::filesystem::path& file, const SweepReport& report) {
  if (report.instances == 0) return file.string() + ": nothing has expired\n";
  return file.string() + ": deleted " + detail::counted(report.instances, "instance") + " with " +
         detail::counted(report.steps, "step") + " and " + detail::counted(report.events, "event") + "\n";
}

std::string as_json(const SweepReport& report) {
  const nlohmann::ordered_json json{
      {"instances", report.instances}, {"steps", report.steps}, {"events", report.events}};
  return json.dump() + "\n";
}

std::unique_ptr<Store> open(const SweepOptions& options) {
  return open_sqlite(options.file, {.create = false, .lock_wait = Duration{200}});
}

SweepReport delete_expired(std::unique_ptr<Store> store, const SweepOptions& options) {
  Engine engine{std::move(store), {.workers = 1}};
  if (options.confirm_clock) engine.confirm_clock();
  return engine.sweep();
}

// As an engine does that runs, when nobody has called for a while.
void give_space_back(const SweepOptions& options) {
  try {
    const std::unique_ptr<Store> store = open(options);
    while (store->maintain(Demand::quiet)) {
    }
  } catch (const Error&) {
    // What was deleted is deleted, and whoever owns the file next finds the space.
  }
}

}  // namespace

std::string sweep(const SweepOptions& options) {
  std::unique_ptr<Store> store = open(options);
  const Time last = store->ownership().last_time;
  try {
    const SweepReport report = delete_expired(std::move(store), options);
    if (report.instances > 0) give_space_back(options);
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
