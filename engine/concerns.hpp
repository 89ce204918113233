#pragma once

#include "engine/concern_list.hpp"
#include "engine/messages.hpp"

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
/// Which are parked is read from the store once, in pages; then every change of it is told here. Which are
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

  /// Reads the store again from the beginning: nobody knows what one that has failed has written.
  void read_again();
  /// What to read next.
  [[nodiscard]] std::vector<ReadParked> next_reads(std::size_t page) const;
  [[nodiscard]] bool all_read() const;
  void fetched(const ReadParked& read, const std::vector<InstanceRow>& rows,
               const std::vector<std::optional<ErrorRecord>>& errors);

  /// Nothing: they are what they were the last time.
  [[nodiscard]] std::optional<std::vector<Complaint>> take_complaints();

 private:
  // How far the parked instances of a workflow were read.
  struct Reading {
    Key read_to = 0;
    bool complete = false;
  };

  [[nodiscard]] std::string name_of_version(const ConcernList::Version& version) const;
  void read_on(const ConcernList::Version& version, Key key);

  ConcernList parked_;
  ConcernList undefined_;
  ConcernList doubtful_;
  std::map<std::int64_t, Reading> readings_;  // by workflow
  std::map<std::int64_t, std::string> workflow_names_;
  std::map<std::int64_t, std::string> version_tags_;
  bool changed_ = false;
};

}  // namespace cairn::engine
