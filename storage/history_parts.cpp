#include "storage/history_parts.hpp"

#include <cairn/error.hpp>

#include <algorithm>

namespace cairn::storage {

void HistoryBudget::take(std::size_t bytes) {
  if (bytes > left_) {
    throw Error{Errc::too_large, "what is recorded of the instance takes more memory than it was given"};
  }
  left_ -= bytes;
}

void HistoryBudget::take(const StepRow& step) {
  take(sizeof(StepRow) + step.name.size() + step.config.size() + step.event_type.size() + step.output.size());
  take(step.error);
  for_outputs_ -= std::min(for_outputs_, step.output.size());
}

void HistoryBudget::take(const Attempt& failure) {
  take(sizeof(Attempt));
  take(failure.error);
}

void HistoryBudget::take(const EventRow& event) {
  take(sizeof(EventRow) + event.type.size() + event.payload.size());
}

void HistoryBudget::take(const std::optional<ErrorRecord>& error) {
  if (error) take(error->name.size() + error->message.size());
}

std::string_view first_characters(std::string_view text, std::size_t count) {
  if (text.size() <= count) return text;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80;
    if (begins && count-- == 0) break;
  }
  return text.substr(0, at);
}

}  // namespace cairn::storage
