#pragma once

#include "storage/sqlite/live_file.hpp"
#include "storage/sqlite/read_pool.hpp"
#include "storage/sqlite/writer.hpp"

#include <cairn/open.hpp>

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace cairn::sqlite {

// What tests may choose beyond the public options.
struct FileOptions {
  SqliteOptions sqlite = {};
  std::string vfs = {};  // the name of a registered VFS; empty: SQLite's own
  std::size_t checkpoint_bytes = std::size_t{4} << 20;
  int page_bytes = 4096;
  bool background_checkpoints = true;
};

// A store in a SQLite file, or in SQLite's memory. Puts the parts together; each of them says what it does.
class SqliteStore final : public Store {
 public:
  SqliteStore(const std::filesystem::path& file, const FileOptions& options);
  SqliteStore(const SqliteStore&) = delete;
  SqliteStore& operator=(const SqliteStore&) = delete;
  ~SqliteStore() override;

  std::vector<Outcome> apply(std::span<const Change> group, Time now) override;
  [[nodiscard]] std::vector<std::optional<History>> load(std::span<const Key> keys,
                                                         std::size_t output_bytes) override;
  [[nodiscard]] std::vector<std::optional<History>> awaiting(std::span<const EventTarget> targets,
                                                             std::size_t output_bytes) override;
  [[nodiscard]] std::vector<StepOutput> outputs(const OutputRange& range) override;
  [[nodiscard]] std::vector<bool> taken(std::span<const WantedId> ids) override;
  bool maintain(Demand demand) override;
  [[nodiscard]] Ownership ownership() const override;
  [[nodiscard]] std::vector<Complaint> complaints() const override;
  [[nodiscard]] std::optional<std::vector<InstanceRow>> due_at_once(Time until,
                                                                    std::size_t limit) const override;
  [[nodiscard]] std::uint64_t missed_wakeups() const noexcept override { return reads_.missed_wakeups(); }

  [[nodiscard]] std::vector<WorkflowRow> workflows() const override;
  [[nodiscard]] std::vector<VersionRow> versions(std::int64_t workflow) const override;
  [[nodiscard]] std::optional<InstanceRow> find(std::int64_t workflow, const std::string& id) const override;
  [[nodiscard]] std::optional<InstanceRow> row(Key key) const override;
  [[nodiscard]] std::optional<History> history(Key key, const HistoryOptions& options) const override;
  [[nodiscard]] std::vector<InstanceRow> list(const ListQuery& query) const override;
  [[nodiscard]] std::vector<std::optional<ErrorRecord>> errors(std::span<const Key> keys) const override;
  [[nodiscard]] std::vector<InstanceRow> queued(std::int64_t workflow, Key after,
                                                std::size_t limit) const override;
  [[nodiscard]] std::vector<DueRow> due(const DueRow& after, Time until, std::size_t limit) const override;

 private:
  struct Place;
  struct Parts;

  explicit SqliteStore(std::shared_ptr<Parts> parts);

  // Calls `work` with a connection that nobody else uses meanwhile.
  template <class Work>
  auto read(Work&& work) const;
  // The same for the thread that writes, on the connection whose pages are in memory.
  template <class Work>
  auto read_as_writer(Work&& work);
  // A child of a fork has none of the locks by which connections agree with others.
  void require_own_process() const;
  // The same for what gives histories, whose rows the writer remembers.
  template <class Work>
  auto read_to_change(Work&& work);

  const std::shared_ptr<Parts> parts_;
  LiveFile* const file_;  // none in memory
  ReadPool& reads_;
  Writer* const writer_;
  mutable std::mutex memory_mutex_;  // in memory there is one connection for everything
};

}  // namespace cairn::sqlite
