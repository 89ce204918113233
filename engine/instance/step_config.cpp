#include "engine/instance/frames.hpp"
#include "engine/instance/stored_json.hpp"

#include <cstdint>

namespace cairn::engine {

// As it stands in the file.
struct RetryConfig {
  std::uint32_t limit = 0;
  std::int64_t delay = 0;
  std::string backoff;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(RetryConfig, limit, delay, backoff)

struct Config {
  RetryConfig retries;
  std::int64_t timeout = 0;
  std::uint32_t crash_limit = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Config, retries, timeout, crash_limit)

// The defaults, which nearly every step has, take no bytes in the file. They are part of its format: if they
// ever change in `StepOptions`, they stay here.
std::string write_config(const StepOptions& options, const std::string& warning) {
  if (options == StepOptions{} && warning.empty()) return {};
  const RetryConfig retries{options.retries.limit, options.retries.delay.count(),
                            std::string{to_string(options.retries.backoff)}};
  std::string config = encode(Config{retries, options.timeout.count(), options.crash_limit});
  if (warning.empty()) return config;
  config.back() = ',';
  return config + R"("warning":)" + encode(warning) + '}';
}

std::string read_warning(const std::string& config) {
  if (config.empty()) return {};
  const auto options = stored<json>(config, "options of a step");
  const auto found = options.find("warning");
  return found != options.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

StepOptions read_config(const std::string& config) {
  StepOptions options;
  if (config.empty()) return options;
  const auto read = stored<Config>(config, "options of a step");
  options.retries.limit = read.retries.limit;
  options.retries.delay = Duration{read.retries.delay};
  for (const Backoff kind : {Backoff::constant, Backoff::linear, Backoff::exponential}) {
    if (to_string(kind) == read.retries.backoff) options.retries.backoff = kind;
  }
  options.timeout = Duration{read.timeout};
  options.crash_limit = read.crash_limit;
  return options;
}

}  // namespace cairn::engine
