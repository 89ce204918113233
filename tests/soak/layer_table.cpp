#include "tests/soak/layers.hpp"

#include <filesystem>

namespace cairn::soak {

// Each reads its seed from the environment, and how much it makes of it (docs/reliability.md names the
// variables). Those that enumerate shift by the seed which of the cases they take.
std::vector<Layer> all_layers() {
  std::vector<Layer> layers{
      {"power_loss", CAIRN_POWER_LOSS, {}, {"CAIRN_FAULT_SEED={seed}"}},
      {"io_error", CAIRN_IO_ERROR, {}, {"CAIRN_FAULT_SEED={seed}"}},
      {"system_call", CAIRN_SYSTEM_CALL, {}, {"CAIRN_FAULT_SEED={seed}"}},
      {"memory", CAIRN_MEMORY, {}, {"CAIRN_FAULT_SEED={seed}"}},
      {"engine_memory", CAIRN_ENGINE_MEMORY, {}, {"CAIRN_FAULT_SEED={seed}"}},
      {"kill_storm", CAIRN_KILL_STORM, {}, {"CAIRN_CRASH_SEED={seed}"}},
      {"simulation", CAIRN_SIMULATION, {}, {"CAIRN_SIMULATION_ROUND={seed}"}},
      {"interleaving", CAIRN_INTERLEAVING, {}, {"CAIRN_FAULT_SEED={seed}"}},
      {"differential", CAIRN_DIFFERENTIAL, {}, {"CAIRN_DIFFERENTIAL_SEED={seed}"}},
      {"crash", CAIRN_CRASH, {}, {"CAIRN_CRASH_SEED={seed}"}},
      {"stress", CAIRN_STRESS, {}, {"CAIRN_STRESS_SEED={seed}", "CAIRN_STRESS_SECONDS=60"}},
  };
#ifdef CAIRN_HTTP_MEMORY
  layers.push_back({"http_memory", CAIRN_HTTP_MEMORY, {}, {"CAIRN_FAULT_SEED={seed}"}});
#endif
  // The fuzzers need a build of their own, with another compiler.
  if (std::filesystem::exists(CAIRN_FUZZERS "/fuzz_http"))
    layers.push_back({"fuzz", CAIRN_FUZZ_RUN, {}, {"CAIRN_FUZZ_SEED={seed}"}});
  return layers;
}

}  // namespace cairn::soak
