#pragma once

#include <cairn/store.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace SQLite {
class Database;
}

namespace cairn::testing {

// A row of the table `transition`.
struct TrailEntry {
  std::int64_t number = 0;
  std::int32_t run = 0;
  std::optional<Status> was;  // nothing: created
  Status became = Status::queued;
  std::int64_t epoch = 0;
  std::int64_t commit_seq = 0;
  Time time = {};

  bool operator==(const TrailEntry&) const = default;
};

// Such as "1: queued, run 1" or "2: queued > running, run 1".
[[nodiscard]] std::string way(const TrailEntry& entry);

using Trails = std::map<Key, std::vector<TrailEntry>>;

// What stands in a file, also while it is owned.
[[nodiscard]] Trails read_trails(const std::filesystem::path& file);
[[nodiscard]] Trails read_trails(SQLite::Database& database);

// What should stand there, told from the outcomes of changes alone.
class ExpectedTrails {
 public:
  // `owner` after the group. Trails of swept instances stay: no outcome tells which ones went.
  void follow(std::span<const Change> group, std::span<const Outcome> outcomes, const Ownership& owner,
              Time now);
  // The first difference between what a file has and what it should have; empty: none. `rows`: all instances.
  [[nodiscard]] std::string difference(const Trails& found, const std::vector<InstanceRow>& rows) const;

 private:
  void follow(const CreateBatch& batch, const Created& created);
  void follow(const Control& control, const Controlled& controlled);
  void follow(const Advance& advance, const Advanced& advanced);
  void add(Key key, std::int32_t run, Status became);

  Trails trails_;
  TrailEntry now_;          // what the entries of the group have in common
  std::int64_t clock_ = 0;  // that was moved last
};

}  // namespace cairn::testing
