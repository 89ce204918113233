#include "engine/conductor/concerns.hpp"

#include <cairn/detail/caught.hpp>
#include <cairn/workflow.hpp>

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

namespace cairn::engine {

namespace {

constexpr std::size_t reason_bytes = 300;
constexpr std::size_t workflows_read_max = 16;  // in a turn
constexpr Duration first_pause = std::chrono::seconds{5};
constexpr Duration longest_pause = std::chrono::minutes{1};

std::string reason_of(const ErrorRecord& error) {
  std::string reason = error.name + ": " + error.message;
  if (reason.size() <= reason_bytes) return reason;
  const auto is_inside_a_character = [&](std::size_t at) {
    return (static_cast<unsigned char>(reason[at]) & 0xc0U) == 0x80U;
  };
  std::size_t end = reason_bytes;
  while (end > 0 && is_inside_a_character(end)) --end;
  reason.resize(end);
  return reason + " [truncated]";
}

// "2 instances of … are", "1 instance is".
std::string count_of(const ConcernList::Group& group, const std::string& of = {}) {
  const bool one = group.known.size() == 1 && !group.more;
  return std::to_string(group.known.size()) + (group.more ? " or more" : "") +
         (one ? " instance" : " instances") + of + (one ? " is " : " are ");
}

Complaint complaint_of(std::string code, std::string what, const ConcernList::Group& group) {
  Complaint complaint{.code = std::move(code), .message = std::move(what)};
  const ConcernList::Instance* const oldest = group.oldest();
  if (oldest == nullptr) return complaint;
  complaint.since = oldest->since;
  complaint.message += "; the oldest is \"" + oldest->id + '"';
  if (!oldest->reason.empty()) complaint.message += ": " + oldest->reason;
  return complaint;
}

}  // namespace

// -------------------------------------------------------------------------------------------------
// names

void Concerns::note_names(const Names& names) {
  for (const WorkflowRow& row : names.workflows) {
    workflow_names_.insert_or_assign(row.workflow, row.name);
    readings_.try_emplace(row.workflow);
  }
  for (const VersionRow& row : names.versions) version_tags_.insert_or_assign(row.version, row.tag);
  names_.worked();
  names_.complete = true;
  changed_ = true;
}

void Concerns::note_definition(const detail::Definition& definition,
                               const std::vector<std::int64_t>& versions) {
  workflow_names_.insert_or_assign(definition.workflow, definition.name);
  version_tags_.insert_or_assign(definition.version, definition.options.version);
  readings_.try_emplace(definition.workflow);
  for (const std::int64_t version : versions) undefined_.forget({definition.workflow, version});
  changed_ = true;
}

std::string Concerns::name_of_workflow(std::int64_t workflow) const {
  const auto found = workflow_names_.find(workflow);
  const std::string name = found == workflow_names_.end() ? std::to_string(workflow) : found->second;
  return "workflow \"" + name + '"';
}

std::string Concerns::name_of_version(const ConcernList::Version& version) const {
  const auto found = version_tags_.find(version.second);
  const std::string tag = found == version_tags_.end() ? std::to_string(version.second) : found->second;
  return "version \"" + tag + "\" of " + name_of_workflow(version.first);
}

// -------------------------------------------------------------------------------------------------
// what comes and goes

std::optional<std::string> Concerns::note_undefined(const InstanceRow& row) {
  const ConcernList::Version version{row.workflow, row.version};
  const Time since = row.wake_at.value_or(row.created);
  const bool first = undefined_.add(version, row.key, {.id = row.id, .reason = {}, .since = since});
  changed_ = true;
  if (!first) return std::nullopt;
  return "this engine does not define " + name_of_version(version) +
         ", of which instances are due, such as \"" + row.id + '"';
}

// Where there are more than are known, it is one of the others, or read with them.
void Concerns::note_parked(std::int64_t workflow, const Advance& advance, const std::string& id, Time now) {
  if (const ConcernList::Group* const group = parked_.find({workflow, 0}); group != nullptr && group->more) {
    const Reading& reading = readings_[workflow];
    const Key last = group->known.empty() ? 0 : group->known.rbegin()->first;
    if (advance.key > (reading.complete ? last : std::max(last, reading.read_to))) return;
  }
  const ErrorRecord error = advance.error.value_or(ErrorRecord{});
  parked_.add({workflow, 0}, advance.key, {.id = id, .reason = reason_of(error), .since = now});
  changed_ = true;
}

// Found anew whenever its record is replayed.
void Concerns::note_doubtful(std::int64_t workflow, Key key, ConcernList::Instance instance) {
  if (const ConcernList::Group* const group = doubtful_.find({workflow, 0}); group != nullptr) {
    const auto known = group->known.find(key);
    if (known != group->known.end()) instance.since = std::min(instance.since, known->second.since);
  }
  doubtful_.add({workflow, 0}, key, std::move(instance));
  changed_ = true;
}

// Whatever was asked for and done: it is parked no more, nor due; if it is still, that is seen again.
bool Concerns::forget(const Control& control, const Controlled& controlled) {
  if (const auto version = parked_.remove(controlled.workflow, control.key)) {
    changed_ = true;
    read_on(*version, control.key);
  }
  const bool ends_run = control.command == Command::terminate || control.command == Command::restart;
  if (ends_run && doubtful_.remove(controlled.workflow, control.key)) changed_ = true;
  const auto version = undefined_.remove(controlled.workflow, control.key);
  if (!version) return false;
  changed_ = true;
  const ConcernList::Group* const group = undefined_.find(*version);
  if (group == nullptr || !group->known.empty()) return false;
  undefined_.expect_others(*version);
  return true;
}

// When few are left of those that are known, the next ones are read. All up to `key` were known at least.
void Concerns::read_on(const ConcernList::Version& version, Key key) {
  const ConcernList::Group* const group = parked_.find(version);
  if (group == nullptr || !group->more || group->known.size() > ConcernList::known_max / 2) return;
  Reading& reading = readings_[version.first];
  if (!reading.complete) return;
  reading.read_to = group->known.empty() ? key : std::max(key, group->known.rbegin()->first);
  reading.complete = false;
}

// -------------------------------------------------------------------------------------------------
// what the store has

void Concerns::read_again() {
  for (auto& [workflow, reading] : readings_) {
    reading.read_to = 0;
    reading.complete = false;
  }
}

std::vector<ReadParked> Concerns::next_reads(std::size_t page, Duration uptime) const {
  std::vector<ReadParked> reads;
  for (const auto& [workflow, reading] : readings_) {
    if (reading.is_due(uptime)) reads.push_back({workflow, reading.read_to, page});
    if (reads.size() == workflows_read_max) break;
  }
  return reads;
}

bool Concerns::wants_parked(Duration uptime) const {
  return std::ranges::any_of(readings_, [&](const auto& entry) { return entry.second.is_due(uptime); });
}

std::optional<Duration> Concerns::next_uptime() const {
  std::optional<Duration> next;
  const auto consider = [&](const Reading& reading) {
    if (!reading.complete && reading.failing_since)
      next = std::min(next.value_or(reading.next_try), reading.next_try);
  };
  consider(names_);
  for (const auto& [workflow, reading] : readings_) consider(reading);
  return next;
}

void Concerns::Reading::failed(const Error& error, Time now, Duration uptime) {
  if (!failing_since) failing_since = now;
  reason = detail::what_of(error);
  pause = std::clamp(2 * pause, first_pause, longest_pause);
  next_try = uptime + pause;
}

void Concerns::Reading::worked() {
  failing_since.reset();
  reason.clear();
  pause = {};
}

void Concerns::failed(const ReadNames& /*read*/, const Error& error, Time now, Duration uptime) {
  names_.failed(error, now, uptime);
  changed_ = true;
}

void Concerns::failed(const ReadParked& read, const Error& error, Time now, Duration uptime) {
  readings_[read.workflow].failed(error, now, uptime);
  changed_ = true;
}

void Concerns::fetched(const ReadParked& read, const std::vector<InstanceRow>& rows,
                       const std::vector<std::optional<ErrorRecord>>& errors) {
  const ConcernList::Version version{read.workflow, 0};
  const bool is_last = rows.size() < read.limit;
  parked_.forget(version, read.after, is_last ? std::numeric_limits<Key>::max() : rows.back().key);
  if (is_last) parked_.expect_others(version);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!errors[i]) continue;  // somebody has paused it
    const InstanceRow& row = rows[i];
    parked_.add(
        version, row.key,
        {.id = row.id, .reason = reason_of(*errors[i]), .since = row.paused_at.value_or(row.modified)});
  }
  Reading& reading = readings_[read.workflow];
  if (!rows.empty()) reading.read_to = rows.back().key;
  reading.complete = is_last || parked_.is_full(version, reading.read_to);
  reading.worked();
  changed_ = true;
}

void Concerns::add_unread(const Reading& reading, const std::string& what,
                          std::vector<Complaint>& complaints) const {
  if (!reading.failing_since) return;
  complaints.push_back({.code = "parked_unread",
                        .message = what + " cannot be read, and is tried again: " + reading.reason,
                        .since = reading.failing_since});
}

std::optional<std::vector<Complaint>> Concerns::take_complaints() {
  if (!changed_) return std::nullopt;
  std::vector<Complaint> complaints;
  for (const auto& [version, group] : parked_.groups()) {
    complaints.push_back(
        complaint_of("parked", count_of(group, " of " + name_of_workflow(version.first)) + "parked", group));
  }
  add_unread(names_, "which workflows there are", complaints);
  for (const auto& [workflow, reading] : readings_)
    add_unread(reading, "which instances of " + name_of_workflow(workflow) + " are parked", complaints);
  for (const auto& [version, group] : doubtful_.groups()) {
    complaints.push_back(
        complaint_of("adopted_in_doubt",
                     count_of(group, " of " + name_of_workflow(version.first)) + "adopted in doubt", group));
  }
  for (const auto& [version, group] : undefined_.groups()) {
    complaints.push_back(complaint_of(
        "version_not_defined",
        "this engine does not define " + name_of_version(version) + ", of which " + count_of(group) + "due",
        group));
  }
  changed_ = false;
  return complaints;
}

}  // namespace cairn::engine
