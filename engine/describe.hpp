#pragma once

#include "engine/catalogue.hpp"

#include <cairn/instance_detail.hpp>
#include <cairn/store.hpp>

namespace cairn::engine {

/// What the store has of an instance, as readers see it.
[[nodiscard]] InstanceSummary summarize(const InstanceRow& row, const Catalogue::Names& names);
[[nodiscard]] InstanceDetail describe(const History& history, const Catalogue::Names& names);

}  // namespace cairn::engine
