#include "tests/stress/bodies.hpp"

#include "tests/stress/witness.hpp"

#include <algorithm>
#include <functional>

namespace cairn::testing {

void Bodies::enter(const StepContext& step) {
  const std::string& key = step.idempotency_key();
  if (at_rest_) fail("the body of " + key + " begins in an engine that has come to rest");
  Part& part = part_of(key);
  const std::lock_guard lock{part.mutex};
  if (!part.keys.insert(key).second) fail("the body of " + key + " runs beside itself");
}

void Bodies::leave(const StepContext& step) {
  Part& part = part_of(step.idempotency_key());
  const std::lock_guard lock{part.mutex};
  part.keys.erase(step.idempotency_key());
}

bool Bodies::none_runs() const {
  return std::ranges::all_of(parts_, [](const Part& part) {
    const std::lock_guard lock{part.mutex};
    return part.keys.empty();
  });
}

Bodies::Part& Bodies::part_of(const std::string& key) {
  return parts_[std::hash<std::string>{}(key) % parts_.size()];
}

}  // namespace cairn::testing
