#pragma once

#include "engine/conductor/concern_list.hpp"
#include "engine/conductor/messages.hpp"

#include <cairn/error.hpp>
#include <cairn/health.hpp>
#include <cairn/store.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cairn::engine {

/// Instances that somebody has to look after, for the health: those that do not go on before, since they are
/// parked, or since they are due and their version is not defined here; and those that have gone on with a
/// record that may be another's.
///
/// Which are parked is read from the store once, in pages; then every change of it is told here. Where that
/// cannot be read, nothing else waits for it: it is tried again, and the health says so meanwhile. Which are
/// not defined is found when their turn comes.
class Concerns {
 public:
  void note_names(const Names& names);
  void note_definition(const detail::Definition& definition, const std::vector<std::int64_t>& versions);
  /// For people, with the words for what it is.
  [[nodiscard]] std::string name_of_workflow(std::int64_t workflow) const;

  /// It is due, or queued. A line for the log, for the first one of a version.
  [[nodiscard]] std::optional<std::string> note_undefined(const InstanceRow& row);
  void note_parked(std::int64_t workflow, const Advance& advance, const std::string& id, Time now);
  /// It is known until it is terminated or restarted, or the engine ends.
  void note_doubtful(std::int64_t workflow, Key key, ConcernList::Instance instance);
  /// A request has changed it. Whether others of its workflow, of which nothing is known here any more, have
  /// to be found anew.
  [[nodiscard]] bool forget(const Control& control, const Controlled& controlled);

  /// Reads from the beginning which are parked: nobody knows what has been written. What is known counts
  /// until that place is read.
  void read_again();
  [[nodiscard]] bool wants_names(Duration uptime) const { return names_.is_due(uptime); }
  [[nodiscard]] bool wants_parked(Duration uptime) const;
  /// What to read next of those that are parked.
  [[nodiscard]] std::vector<ReadParked> next_reads(std::size_t page, Duration uptime) const;
  /// When something is tried again that could not be read.
  [[nodiscard]] std::optional<Duration> next_uptime() const;
  void fetched(const ReadParked& read, const std::vector<InstanceRow>& rows,
               const std::vector<std::optional<ErrorRecord>>& errors);
  void failed(const ReadNames& read, const Error& error, Time now, Duration uptime);
  void failed(const ReadParked& read, const Error& error, Time now, Duration uptime);

  /// Nothing: they are what they were the last time.
  [[nodiscard]] std::optional<std::vector<Complaint>> take_complaints();

 private:
  // How far something was read: the names, or the parked instances of a workflow.
  struct Reading {
    Key read_to = 0;
    bool complete = false;
    // It could not be read: since when, why, and when it is tried again.
    std::optional<Time> failing_since = {};
    std::string reason = {};
    Duration pause = {};
    Duration next_try = {};

    [[nodiscard]] bool is_due(Duration uptime) const {
      return !complete && (!failing_since || next_try <= uptime);
    }
    void failed(const Error& error, Time now, Duration uptime);
    void worked();
  };

  [[nodiscard]] std::string name_of_version(const ConcernList::Version& version) const;
  void read_on(const ConcernList::Version& version, Key key);
  void add_unread(const Reading& reading, const std::string& what, std::vector<Complaint>& complaints) const;

  ConcernList parked_;
  ConcernList undefined_;
  ConcernList doubtful_;
  Reading names_;
  std::map<std::int64_t, Reading> readings_;  // by workflow
  std::map<std::int64_t, std::string> workflow_names_;
  std::map<std::int64_t, std::string> version_tags_;
  bool changed_ = false;
};

}  // namespace cairn::engine
