#include "cli/commands.hpp"

#include <cairn/cairn.hpp>

namespace cairn::cli {

std::string confirm_clock(const ConfirmClockOptions& options) {
  Engine engine{open_sqlite(options.file, {.create = false, .lock_wait = Duration{200}}), {.workers = 1}};
  engine.confirm_clock();
  const Time now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  return options.file.string() + ": the clock is right at " + to_iso8601(now) + "\n";
}

}  // namespace cairn::cli
