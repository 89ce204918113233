#include "engine/frames.hpp"

#include <cairn/codec.hpp>

namespace cairn::engine {

// The defaults, which nearly every step has, take no bytes in the file. They are part of its format: if they
// ever change in `StepOptions`, they stay here.
std::string write_config(const StepOptions& options) {
  if (options == StepOptions{}) return {};
  const json config{{"retries",
                     {{"limit", options.retries.limit},
                      {"delay", options.retries.delay.count()},
                      {"backoff", std::string{to_string(options.retries.backoff)}}}},
                    {"timeout", options.timeout.count()},
                    {"crash_limit", options.crash_limit}};
  return config.dump();
}

StepOptions read_config(const std::string& config) {
  StepOptions options;
  if (config.empty()) return options;
  const json read = json::parse(config);
  const json& retries = read.at("retries");
  options.retries.limit = retries.at("limit").get<std::uint32_t>();
  options.retries.delay = Duration{retries.at("delay").get<std::int64_t>()};
  const std::string backoff = retries.at("backoff").get<std::string>();
  for (const Backoff kind : {Backoff::constant, Backoff::linear, Backoff::exponential}) {
    if (to_string(kind) == backoff) options.retries.backoff = kind;
  }
  options.timeout = Duration{read.at("timeout").get<std::int64_t>()};
  options.crash_limit = read.at("crash_limit").get<std::uint32_t>();
  return options;
}

}  // namespace cairn::engine
