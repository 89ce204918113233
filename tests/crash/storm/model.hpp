#pragma once

#include "tests/crash/record.hpp"
#include "tests/crash/storm/journal.hpp"

#include <cairn/status.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace cairn::testing {

// What a file may hold after what the clients asked for and were told. What is unknown may have happened or
// not; what was acknowledged must have; what was refused must not.
class StormModel {
 public:
  using Faults = std::vector<std::string>;

  explicit StormModel(const std::vector<Act>& journal);

  // - What was acknowledged as created is there, unless it has ended, expires, and was swept.
  // - A batch whose outcome is unknown is there as a whole or not at all.
  // - Nothing is there that nobody asked for; params are what was asked for.
  // - Each status is one that the table allows after the last requests, and each run has its number.
  // - An acknowledged event was taken or is buffered, unless its run is over; each was taken once, those of a
  //   type in the order in which they were sent; and none that was not sent, or of a run before.
  [[nodiscard]] Faults compare(const Record& record) const;

  // Whether an instance may have ended, expired and been swept.
  [[nodiscard]] bool may_be_swept(const std::string& id) const;
  // Requests that were acknowledged.
  [[nodiscard]] std::size_t acknowledged() const { return acknowledged_; }

 private:
  struct Event {
    int number = 0;
    bool certain = false;    // acknowledged, and certainly of the current run
    bool forgotten = false;  // a restart that was acknowledged came after
  };
  struct Instance {
    std::string params;
    bool expires = false;
    bool certain = false;            // its creation was acknowledged
    bool gone = false;               // a client was told so
    std::set<Status> statuses = {};  // one of these
    std::int32_t runs_least = 1;
    std::int32_t runs_most = 1;
    std::vector<Event> events = {};
  };

  void create(const Act& act);
  void send(Instance& instance, const Act& act);
  void control(Instance& instance, const Act& act);
  void compare_one(const std::string& id, const History& found, Faults& faults) const;
  void compare_events(const std::string& id, const History& found, Faults& faults) const;

  std::map<std::string, Instance> instances_;
  std::vector<Act> unknown_batches_;
  Faults impossible_;  // answers that no client may get
  std::size_t acknowledged_ = 0;
};

}  // namespace cairn::testing
