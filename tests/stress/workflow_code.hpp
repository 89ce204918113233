#pragma once

#include <cairn/cairn.hpp>

#include <string>

namespace cairn::testing {
class Workflows;
struct Moody;
}  // namespace cairn::testing

/// The code of the workflows, by the names of their kinds. `workflows` are those of the engine that runs it.
namespace cairn::testing::code {

Task<int> paces(Context& ctx, const Workflows* workflows, int n);
Task<int> sleeper(Context& ctx, const Workflows* workflows, int n);
Task<int> fan(Context& ctx, const Workflows* workflows, int n);
Task<int> stubborn(Context& ctx, const Workflows* workflows, int n);
Task<int> parent(Context& ctx, const Workflows* workflows, int n);
Task<int> awaitable(Context& ctx, const Workflows* workflows, int n);
Task<int> failing(Context& ctx, const Workflows* workflows, int n);

/// What parents and coroutines wait for.
Task<int> child(Context& ctx, const Workflows* workflows, int n);
Task<void> nothing(Context& ctx);
Task<int> moody(Context& ctx, Moody params);

[[nodiscard]] std::string agreed_message(int n);

}  // namespace cairn::testing::code
