#pragma once

#include "tests/stress/turn.hpp"

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <vector>

// Calls of which there are two: with values, and with their JSON text, for those who only pass it on. Which
// one is made is left to chance. Each gives the code with which it was refused, as `Witness::call` does.
namespace cairn::testing {

/// `made` stays empty where the call gives no handle with types.
std::optional<Errc> create(Turn& turn, Kind kind, NewInstance<int> instance,
                           std::initializer_list<Errc> allowed, std::optional<Instance<int>>& made);

std::optional<Errc> create_batch(Turn& turn, Kind kind, std::vector<NewInstance<int>> batch,
                                 const BatchOptions& options, std::initializer_list<Errc> allowed,
                                 BatchResult& result);

/// Sends the event "go" that an instance with the params `n` may wait for.
std::optional<Errc> send_go(Turn& turn, const Instance<int>& instance, int n,
                            std::initializer_list<Errc> allowed);

}  // namespace cairn::testing
