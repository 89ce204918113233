#include "tests/storage/store_text.hpp"

#include <optional>
#include <sstream>

namespace cairn::testing {
namespace {

std::string text(const std::optional<Time>& time) {
  return time ? std::to_string(time->time_since_epoch().count()) : "-";
}
std::string text(const std::optional<ErrorRecord>& error) {
  return error ? error->name + ":" + error->message : "-";
}

}  // namespace

std::string text(const InstanceRow& row) {
  std::ostringstream out;
  out << row.key << " w" << row.workflow << " v" << row.version << " " << row.id << " status "
      << static_cast<int>(row.status) << " run " << row.run << " wake " << text(row.wake_at) << " created "
      << text(row.created) << " modified " << text(row.modified) << " started " << text(row.started)
      << " ended " << text(row.ended) << " expires " << text(row.expires) << " paused " << text(row.paused_at)
      << "+" << row.paused_for.count();
  return out.str();
}

std::string text(const History& history) {
  std::ostringstream out;
  out << text(history.row) << " params " << history.params << " output " << history.output << " error "
      << text(history.error);
  for (const StepRow& step : history.steps) {
    out << "\n  step " << step.started_seq << " kind " << static_cast<int>(step.kind) << " " << step.name
        << "#" << step.count << " attempt " << step.attempt << " due " << text(step.due)
        << (step.moves ? " moves" : "") << " ended_seq " << step.ended_seq.value_or(-1) << " output "
        << step.output << " error " << text(step.error) << " crashes " << step.crashes << " failures";
    for (const Attempt& attempt : step.failures)
      out << " " << text(attempt.started) << "/" << text(attempt.error);
  }
  for (const EventRow& event : history.events) out << "\n  event " << event.event << " " << event.type;
  return out.str();
}

std::string text(const Outcome& outcome) {
  std::ostringstream out;
  if (const auto* defined = std::get_if<Defined>(&outcome)) {
    out << "defined " << defined->workflow << " " << defined->version << " " << defined->workflow_id << " "
        << defined->version_id;
  } else if (const auto* created = std::get_if<Created>(&outcome)) {
    out << "created, refused " << created->refused;
    for (const Conflict& conflict : created->conflicts)
      out << " " << conflict.index << ":" << static_cast<int>(conflict.code);
  } else if (const auto* sent = std::get_if<Sent>(&outcome)) {
    out << "sent, refused " << static_cast<int>(sent->refused.value_or(Errc{})) << " " << sent->event
        << " awaited " << sent->awaited << " status " << static_cast<int>(sent->status) << " run "
        << sent->run;
  } else if (const auto* controlled = std::get_if<Controlled>(&outcome)) {
    out << "controlled, refused " << static_cast<int>(controlled->refused.value_or(Errc{})) << " "
        << static_cast<int>(controlled->before) << "->" << static_cast<int>(controlled->after) << " changed "
        << controlled->changed << " run " << controlled->run;
  } else if (const auto* advanced = std::get_if<Advanced>(&outcome)) {
    out << "advanced " << advanced->recorded << advanced->continued << advanced->found << " status "
        << static_cast<int>(advanced->status);
  } else if (const auto* swept = std::get_if<Swept>(&outcome)) {
    out << "swept " << swept->instances << " " << swept->steps << " " << swept->events << " " << swept->more;
  } else if (std::holds_alternative<ClockMoved>(outcome)) {
    out << "clock moved";
  }
  return out.str();
}

}  // namespace cairn::testing
