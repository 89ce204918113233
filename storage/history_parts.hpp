#pragma once

#include <cairn/store.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

// What `HistoryOptions` asks of every store, free of any database.
namespace cairn::storage {

// What is left of `HistoryOptions::bytes_max` and `output_bytes`.
class HistoryBudget {
 public:
  explicit HistoryBudget(const HistoryOptions& options)
      : left_{options.bytes_max}, for_outputs_{options.output_bytes} {}

  // Whether the output of the next step is wanted.
  [[nodiscard]] bool wants_output() const noexcept { return for_outputs_ > 0; }

  // For what has been read. Throws `Error` (`too_large`) when it is more than is left.
  void take(std::size_t bytes);
  void take(const StepRow& step);  // without its failures
  void take(const Attempt& failure);
  void take(const EventRow& event);
  void take(const std::optional<ErrorRecord>& error);

 private:
  std::size_t left_;
  std::size_t for_outputs_;
};

// The text's first so many code points; all of it when it has no more.
[[nodiscard]] std::string_view first_characters(std::string_view text, std::size_t count);

}  // namespace cairn::storage
