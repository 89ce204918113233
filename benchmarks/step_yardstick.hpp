#pragma once

#include "benchmarks/database.hpp"

#include <cstddef>
#include <filesystem>

namespace cairn::benchmarks {

// What a program would write by hand to keep the work of many instances: the same rows as cairn leaves
// behind. For each instance a small row, its params and its output; for each step a row with the step's
// output.
class StepYardstick {
 public:
  // Makes the file anew, for instances of so many steps each.
  StepYardstick(const std::filesystem::path& file, std::size_t instances, std::size_t steps);

  // All instances, in one transaction.
  void create();
  // In one transaction, the results `first` to `first + count` of a run that visits the instances in turn:
  // each inserts its step and updates the instance; an instance's last one inserts its output too.
  void write(std::size_t first, std::size_t count);

 private:
  void write_result(std::size_t result);

  std::size_t instances_;
  std::size_t steps_;
  Database database_;
  Database::Statement insert_instance_;
  Database::Statement insert_params_;
  Database::Statement insert_step_;
  Database::Statement insert_output_;
  Database::Statement update_instance_;
};

}  // namespace cairn::benchmarks
