#pragma once

#include "tests/forwarding_store.hpp"

#include <cairn/error.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace cairn::tests {

/// A store whose house-keeping fails as often as the test says.
class UntidyStore final : public testing::ForwardingStore {
 public:
  enum class Reasons : std::uint8_t { same, numbered };

  UntidyStore(std::unique_ptr<Store> store, std::atomic<int>& failures, Reasons reasons = Reasons::same)
      : ForwardingStore(std::move(store)), failures_(failures), reasons_(reasons) {}

  bool maintain(Demand /*demand*/) override {
    if (failures_ == 0) return false;
    const std::string number = reasons_ == Reasons::same ? "" : ", " + std::to_string(failures_);
    --failures_;
    throw Error{Errc::store_failed, "the disk is full" + number};
  }

 private:
  std::atomic<int>& failures_;
  const Reasons reasons_;
};

}  // namespace cairn::tests
