#pragma once

#include <cairn/cairn.hpp>

#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace cairn::testing {

// `width` steps side by side, each with `number`, then one with the sum of what they gave. The body of each
// step is `note(instance, step, result)`, which gives the result back.
template <class Note>
Task<int> fan(Context& ctx, StepOptions options, std::size_t width, int number, Note note) {
  const std::string instance = ctx.instance_id();
  const std::vector<int> elements(width, number);
  const auto note_element = [instance, note](int element, StepContext& step) {
    return note(instance, step, element);
  };
  const std::vector<int> noted = co_await ctx.map("element", options, elements, note_element);
  const int sum = std::accumulate(noted.begin(), noted.end(), 0);
  co_return co_await ctx.step("join", options, [&](StepContext& step) { return note(instance, step, sum); });
}

}  // namespace cairn::testing
