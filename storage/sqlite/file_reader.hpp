#pragma once

#include "storage/sqlite/connection.hpp"

#include <cairn/store.hpp>

#include <filesystem>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cairn::sqlite {

// The reads of a store on a file that somebody else may own. Nothing is kept open between them, so that no
// owner is held up.
class FileReader final : public StoreReader {
 public:
  explicit FileReader(const std::filesystem::path& file);

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
  // Calls `work` with a connection, and as whom it reads.
  template <class Work>
  auto read(Work&& work) const;
  template <class Work>
  auto read_once(Work&& work, bool immutable, const std::unique_lock<std::mutex>& lock) const;

  [[nodiscard]] bool has_log() const;

  std::filesystem::path file_;
};

}  // namespace cairn::sqlite
