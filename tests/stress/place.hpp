#pragma once

#include "storage/memory/store.hpp"
#include "tests/simulation/dice.hpp"

#include <cairn/store.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>

namespace cairn::testing {

/// Where the engines of one round keep what they have, one after the other: a new file, or a store in memory
/// that outlives each of them.
class Place {
 public:
  /// `folder`: empty for memory. What another place has left there is removed.
  Place(const std::filesystem::path& folder, std::uint64_t round);
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  /// For the next owner, whose predecessor has ended. Options that change nothing of what is promised are
  /// left to chance.
  [[nodiscard]] std::unique_ptr<Store> open(Dice& dice);

  /// What `check_file` finds wrong with the file, in words; nothing when it is content, and for memory.
  [[nodiscard]] std::string findings() const;

 private:
  const std::filesystem::path file_;
  std::shared_ptr<memory::MemoryStore> memory_;
};

}  // namespace cairn::testing
