#pragma once

#include "engine/catalogue.hpp"

#include <cairn/instance_detail.hpp>
#include <cairn/store.hpp>

#include <vector>

namespace cairn::engine {

/// What the record does not tell.
struct Present {
  Time now = {};
  std::vector<Sequence> waiting_for_worker = {};  ///< steps in flight whose bodies have not begun
};

/// What the store has of an instance, as readers see it.
[[nodiscard]] InstanceSummary summarize(const InstanceRow& row, const Catalogue::Names& names);

/// What a description needs of the record.
[[nodiscard]] HistoryOptions history_options(const DescribeOptions& options);

/// Of a history that was read with the `history_options` of `options`. `Value`: `json` or `JsonText`.
template <class Value>
[[nodiscard]] BasicInstanceDetail<Value> describe(History history, const Catalogue::Names& names,
                                                  const DescribeOptions& options, const Present& present);

}  // namespace cairn::engine
