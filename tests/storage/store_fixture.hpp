#pragma once

#include <cairn/open.hpp>
#include <cairn/store.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <variant>
#include <vector>

namespace cairn::testing {

// A folder of its own, removed at the end.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

[[nodiscard]] constexpr Time at(std::int64_t ms) {
  return Time{Duration{ms}};
}

enum class Kind { memory, sqlite_file, sqlite_memory };

// Names the kind in the name of a test.
[[nodiscard]] std::string name_of(const ::testing::TestParamInfo<Kind>& info);
void PrintTo(Kind kind, std::ostream* out);

// A store of any kind, with what most tests need to say about it.
class StoreTest : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override;

  [[nodiscard]] Store& store() { return *store_; }

  // How SQLite's stores are opened from the next time on.
  void use(const SqliteOptions& options) { options_ = options; }
  [[nodiscard]] std::filesystem::path file() const { return folder_ / "store.db"; }

  // The next owner comes. Not for `sqlite_memory`, which ends with its owner.
  void reopen();

  // Applies one change in a group of its own and answers its outcome.
  template <class Result, class One>
  Result apply(One change, Time now) {
    const std::vector<Change> group{std::move(change)};
    return std::get<Result>(store().apply(group, now).at(0));
  }
  template <class Result, class One>
  Result apply(One change) {
    return apply<Result>(std::move(change), now());
  }

  // A clock that goes on by a second a look.
  Time now() { return now_ += std::chrono::seconds{1}; }

  Defined define(const std::string& name = "orders", const std::string& version = "1");

  // A batch of these ids, with the id as params, in the workflow "orders".
  [[nodiscard]] CreateBatch batch(const std::vector<std::string>& ids,
                                  OnConflict on_conflict = OnConflict::skip);

  // Makes an instance, and brings it into a status on the shortest way.
  Key create(const std::string& id, Retention retention = {});
  Key create_in(Status status, const std::string& id, Retention retention = {});

  Controlled control(Key key, Command command, bool idle = true);
  Advanced enter(Key key, Cause cause = Cause::start);
  Advanced leave(Key key, Cause cause, std::optional<Time> wake_at = std::nullopt);
  Advanced start_step(Key key, Sequence started_seq, const std::string& name = "step");
  Advanced start_wait(Key key, Sequence started_seq, const std::string& type);
  Advanced record(Key key, StepResult result);
  Sent send(Key key, const std::string& type, const std::string& payload = "{}");

  [[nodiscard]] History history(Key key) { return store().history(key).value(); }
  [[nodiscard]] InstanceRow row(Key key) { return store().row(key).value(); }

 private:
  Folder folder_;
  SqliteOptions options_;
  std::unique_ptr<Store> store_;
  Time now_ = at(1'000'000);
};

// An Advance of the run that the instance is in.
[[nodiscard]] Advance advance(const Store& store, Key key);

// The statuses that an instance can be brought into.
[[nodiscard]] std::vector<Status> reachable_statuses();

// A result that ends its step with an output.
[[nodiscard]] StepResult ended(Sequence started_seq, Sequence ended_seq, const std::string& output = "1",
                               std::int32_t attempt = 1);
// A failed attempt with another one to come.
[[nodiscard]] StepResult failed(Sequence started_seq, std::int32_t attempt, Time retry_due);

}  // namespace cairn::testing
