#include "engine/random.hpp"

#include <cstring>
#include <random>

namespace cairn::engine {

namespace {

std::mt19937_64 seeded() {
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
  return std::mt19937_64{seed};
}

class SystemRandom final : public RandomSource {
 public:
  Uuid bytes() override {
    thread_local std::mt19937_64 generator = seeded();
    const std::uint64_t words[2] = {generator(), generator()};
    Uuid uuid;
    static_assert(sizeof words == sizeof uuid);
    std::memcpy(uuid.data(), words, sizeof words);
    return uuid;
  }
};

}  // namespace

std::shared_ptr<RandomSource> system_random() {
  return std::make_shared<SystemRandom>();
}

}  // namespace cairn::engine
