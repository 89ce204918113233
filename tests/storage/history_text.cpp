#include "tests/storage/history_text.hpp"

#include <cstdint>
#include <optional>
#include <sstream>

namespace cairn::testing {
namespace {

class Writer {
 public:
  explicit Writer(Time zero) : zero_{zero} {}

  void write(const History& history) {
    const InstanceRow& row = history.row;
    text_ << row.id << " (" << row.key << ", workflow " << row.workflow << ", version " << row.version
          << "): " << to_string(row.status) << ", run " << row.run << "\n  created " << at(row.created)
          << ", modified " << at(row.modified);
    write(", started ", row.started);
    write(", ended ", row.ended);
    write(", expires ", row.expires);
    write(", wakes ", row.wake_at);
    write(", paused ", row.paused_at);
    if (row.paused_for.count() > 0) text_ << ", was paused for " << seconds(row.paused_for);
    if (row.retention.success) text_ << ", success kept for " << seconds(*row.retention.success);
    if (row.retention.error) text_ << ", error kept for " << seconds(*row.retention.error);
    text_ << "\n  params " << history.params << '\n';
    for (const StepRow& step : history.steps) write(step);
    for (const EventRow& event : history.events) {
      text_ << "  event " << event.event << ' ' << event.type << ' ' << event.payload << " at "
            << at(event.received) << '\n';
    }
    if (!history.output.empty()) text_ << "  output " << history.output << '\n';
    if (history.error) text_ << "  error " << in_words(*history.error) << '\n';
  }

  [[nodiscard]] std::string text() const { return text_.str(); }

 private:
  static std::string seconds(Duration span) {
    const std::int64_t whole = span.count() / 1'000;
    return span.count() % 1'000 == 0 ? std::to_string(whole) + "s" : std::to_string(span.count()) + "ms";
  }
  [[nodiscard]] std::string at(Time time) const { return seconds(time - zero_); }
  void write(const char* what, const std::optional<Time>& time) {
    if (time) text_ << what << at(*time);
  }
  static std::string in_words(const ErrorRecord& error) { return error.name + ": " + error.message; }

  void write(const StepRow& step) {
    text_ << "  " << step.started_seq << ' ' << to_string(step.kind) << ' ' << step.name << '-' << step.count
          << ": started " << at(step.started) << ", attempt " << step.attempt << " at "
          << at(step.attempt_started);
    write(step.due_fixed ? ", due (fixed) " : ", due ", step.due);
    if (!step.event_type.empty()) text_ << ", for " << step.event_type;
    if (step.crashes > 0) text_ << ", crashes " << step.crashes;
    if (step.ended_seq) text_ << ", ended " << at(*step.ended) << " as " << *step.ended_seq;
    if (!step.config.empty()) text_ << "\n    config " << step.config;
    for (const Attempt& failure : step.failures) {
      text_ << "\n    " << (failure.interrupted ? "cut off " : "failed ") << at(failure.started);
      write(" to ", failure.ended);
      if (failure.error) text_ << ", " << in_words(*failure.error);
    }
    if (!step.output.empty()) text_ << "\n    output " << step.output;
    if (step.error) text_ << "\n    error " << in_words(*step.error);
    text_ << '\n';
  }

  Time zero_;
  std::ostringstream text_;
};

}  // namespace

std::string to_text(const History& history, Time zero) {
  Writer writer{zero};
  writer.write(history);
  return writer.text();
}

}  // namespace cairn::testing
