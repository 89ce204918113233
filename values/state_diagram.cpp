#include "values/state_diagram.hpp"

#include <cairn/status.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace cairn::values {
namespace {

struct StatusLine {
  Status status;
  std::string_view meaning;
};

constexpr std::array statuses{
    StatusLine{Status::queued, "waits for a slot"},
    StatusLine{Status::running, "holds a slot: workflow code or bodies run"},
    StatusLine{Status::paused, "stands still until it is resumed"},
    StatusLine{Status::errored, "ended by an error"},
    StatusLine{Status::terminated, "ended by request"},
    StatusLine{Status::complete, "ended with an output"},
    StatusLine{Status::waiting_for_pause, "a pause was asked for; bodies that run are still finishing"},
    StatusLine{Status::waiting, "only timers and events are awaited; holds no slot"},
    StatusLine{Status::rolling_back, "reserved: rollback handlers run"},
};

struct CauseLine {
  Cause cause;
  std::string_view meaning;
};

constexpr std::array causes{
    CauseLine{Cause::start, "a slot is free"},
    CauseLine{Cause::wait, "nothing but timers and events is awaited, and no body runs"},
    CauseLine{Cause::wake, "a timer is due or an event has come, and a slot is free"},
    CauseLine{Cause::requeue, "a timer is due or an event has come, and no slot is free"},
    CauseLine{Cause::pause, "asked to pause while bodies run"},
    CauseLine{Cause::pause_idle, "asked to pause while no body runs"},
    CauseLine{Cause::quiesce, "the last body has ended after a pause was asked for"},
    CauseLine{Cause::resume, "asked to go on"},
    CauseLine{Cause::complete, "the workflow function returned"},
    CauseLine{Cause::fail, "the workflow function threw, or the instance crashed too often"},
    CauseLine{Cause::terminate, "asked to end"},
    CauseLine{Cause::park, "the code contradicts the record"},
    CauseLine{Cause::recover, "a new owner found the instance as its predecessor left it"},
    CauseLine{Cause::restart, "asked to begin again"},
};

constexpr bool every_cause_has_a_line() {
  return std::all_of(transitions.begin(), transitions.end(), [](const Transition& row) {
    return std::any_of(causes.begin(), causes.end(),
                       [&row](const CauseLine& line) { return line.cause == row.cause; });
  });
}
static_assert(every_cause_has_a_line());

std::string code(std::string_view word) {
  return "`" + std::string{word} + "`";
}

void add(std::string& list, const std::string& entry) {
  if (!list.empty()) list += ", ";
  list += entry;
}

std::string status_table() {
  std::string text = "| status | stored as | means | leaves by |\n|---|---|---|---|\n";
  for (const auto& [status, meaning] : statuses) {
    std::string ways;
    for (const Transition& row : transitions) {
      if (row.from == status) add(ways, std::string{to_string(row.cause)});
    }
    text += "| " + code(to_string(status)) + " | " + std::to_string(static_cast<int>(status)) + " | " +
            std::string{meaning} + " | " + ways + " |\n";
  }
  return text;
}

std::string cause_table() {
  std::string text = "| cause | means | from → to |\n|---|---|---|\n";
  for (const auto& [cause, meaning] : causes) {
    std::string moves;
    for (const auto& line : statuses) {
      if (const auto to = next(line.status, cause))
        add(moves, code(to_string(line.status)) + " → " + code(to_string(*to)));
    }
    text += "| " + std::string{to_string(cause)} + " | " + std::string{meaning} + " | " + moves + " |\n";
  }
  return text;
}

std::string diagram() {
  std::string text = "```mermaid\nstateDiagram-v2\n  [*] --> queued: create\n";
  for (const auto& from : statuses) {
    for (const auto& to : statuses) {
      std::string labels;
      for (const Transition& row : transitions) {
        const bool here = row.from == from.status && row.to == to.status && row.cause != Cause::restart;
        if (here) add(labels, std::string{to_string(row.cause)});
      }
      if (labels.empty()) continue;
      text += "  " + std::string{to_string(from.status)} + " --> " + std::string{to_string(to.status)} +
              ": " + labels + "\n";
    }
  }
  for (const auto& line : statuses) {
    if (is_finished(line.status)) text += "  " + std::string{to_string(line.status)} + " --> [*]: expire\n";
  }
  return text + "```\n";
}

}  // namespace

std::string state_machine_page() {
  return "# The states of an instance\n\n"
         "This page is made from the table `transitions` in `include/cairn/status.hpp`, which the store, the "
         "engine and the\n"
         "API read, too. Do not edit it: a test compares it with the table, and rewrites it when it is run "
         "with\n"
         "`CAIRN_WRITE_DOCS=1` in its environment.\n\n" +
         diagram() +
         "\n`restart` leads from every status back to `queued` and is left out of the picture. An instance "
         "that has ended is\n"
         "deleted by the first sweep after its retention; nothing else deletes one.\n"
         "What the table does not list is refused with an error that names the status found.\n\n"
         "## Statuses\n\n" +
         status_table() + "\n## Causes\n\n" + cause_table();
}

}  // namespace cairn::values
