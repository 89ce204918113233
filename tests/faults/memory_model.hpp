#pragma once

#include "tests/crash/ledger.hpp"
#include "tests/crash/record.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace cairn::testing {

/// What a store must hold after a life of the host without memory, by what its journal says that the host was
/// told. Each function gives the broken promises in words.
class MemoryModel {
 public:
  explicit MemoryModel(const std::vector<std::string>& journal);

  /// At any time: what was acknowledged is there, what was refused is not, and a batch is whole or absent.
  [[nodiscard]] std::vector<std::string> faults(const Record& record) const;
  /// When all have ended: each as it should, unless its workflow had no memory (`errored`).
  [[nodiscard]] std::vector<std::string> unfinished(const Record& record) const;
  /// How many have ended with an error.
  [[nodiscard]] std::size_t errored(const Record& record) const;

 private:
  enum class Told { nothing, refused, unknown, done };

  [[nodiscard]] std::optional<std::string> fault_of_creation(std::size_t number, const Record& record) const;
  [[nodiscard]] std::optional<std::string> fault_of_request(std::size_t number, const Record& record) const;
  [[nodiscard]] bool is_followed(std::size_t number) const;

  std::vector<Told> told_;  // by act
};

/// What the ledger says of bodies, and what the record says of steps: a result that is recorded has its
/// effect, and no attempt follows it; an attempt begins once, after its start was recorded.
///
/// Unlike after a kill, an attempt may have had its effect and be recorded as failed: for what it returned
/// there was no memory.
[[nodiscard]] std::vector<std::string> compare_bodies(const std::vector<Line>& ledger, const Record& record);

}  // namespace cairn::testing
