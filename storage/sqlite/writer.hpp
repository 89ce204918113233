#pragma once

#include "storage/clocks.hpp"
#include "storage/sqlite/background_checkpoint.hpp"
#include "storage/sqlite/clocks.hpp"
#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/due.hpp"
#include "storage/sqlite/live_file.hpp"
#include "storage/sqlite/read_pool.hpp"
#include "storage/sqlite/rescue.hpp"
#include "storage/sqlite/working_set.hpp"

#include <cairn/store.hpp>

#include <atomic>
#include <cstddef>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

namespace cairn::sqlite {

struct WriterOptions {
  ConnectionOptions connection;
  std::size_t log_bytes_max = std::size_t{64} << 20;  // beyond this a checkpoint waits for readers
  // Of the log that no checkpoint has moved: from here on `maintain` makes one, or begins one in the
  // background.
  std::size_t checkpoint_bytes = std::size_t{4} << 20;
  bool background_checkpoints = true;
  bool audit_trail = false;
};

// The one connection that writes and makes checkpoints, and the transaction around every group.
class Writer {
 public:
  // Migrates the file and becomes its owner. `reads` are this store's other connections to the file; `file`
  // is none for a database in memory.
  Writer(WriterOptions options, ReadPool& reads, LiveFile* file);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  // Moves the log into the file and leaves word that it was closed, unless somebody else still has it open or
  // has changed it. Every other connection of this store is closed by then.
  ~Writer();

  std::vector<Outcome> apply(std::span<const Change> group, Time now);
  bool maintain(Demand demand);
  [[nodiscard]] Ownership ownership() const;

  // As whom rows are read, by any connection and any thread.
  [[nodiscard]] Sight sight() const { return {.epoch = epoch_, .moves_from = moves_from_}; }
  // The same on the writing connection, between two groups.
  [[nodiscard]] Sight own_sight() const {
    return {.epoch = epoch_, .moves_from = moves_from_, .leaps = &clocks_.leaps()};
  }

  // What is wrong with the file. By any thread.
  [[nodiscard]] std::vector<Complaint> complaints() const;

  // Size of the log, when readers have kept it from beginning anew; else 0. By any thread.
  [[nodiscard]] std::size_t held_log_bytes() const { return log_bytes_at_restart_; }

  // What was read on the writing connection just now: the changes that follow need not read it again.
  void remember(std::span<const std::optional<History>> histories);

  // The writing connection, for reads between two groups; there is none while the outcome of a commit is not
  // known. Its cache outlives a commit, unlike those of other connections. A database in memory has no other.
  [[nodiscard]] bool connected() const { return connection_ && is_fit_; }
  [[nodiscard]] Connection& connection() { return *connection_; }

 private:
  // The counts of the owner's row, as the last group left them.
  struct Counts {
    std::int64_t epoch = 0;
    std::int64_t commit_seq = 0;
    Key next_key = 1;
    std::int64_t next_event = 1;
    Time last_time = {};
  };

  using Versions = std::map<std::int64_t, std::int64_t>;

  void take_ownership();
  void watch();
  void load();
  void publish(const Counts& counts);

  [[nodiscard]] std::vector<Outcome> write(std::span<const Change> group, Time now, Counts& counts,
                                           storage::Clocks& clocks, ExpirySearch& expiry_search);
  void commit(std::int64_t commit_seq);
  void resolve(const SQLite::Exception& failure, std::int64_t commit_seq);
  void give_up() noexcept;
  void settle();
  void connect_anew();
  [[nodiscard]] Versions versions_in(const std::vector<Outcome>& outcomes);
  [[nodiscard]] static bool has_swept(const std::vector<Outcome>& outcomes);

  [[nodiscard]] FileChange look() const;
  void require_unchanged(Errc otherwise);
  [[noreturn]] void refuse_changed(FileChange change, Errc code);
  void save(FileChange change);
  void acknowledge();
  void close();
  void try_again();
  bool checkpoint(bool empty);
  void note_progress(bool got_on);
  bool tidy_log();
  void finish_background_checkpoint();
  void take_background_result();
  void move_log();
  bool give_back_space();
  bool give_back_pages();
  void expect_shorter_database();
  bool cut_file();

  static constexpr std::int64_t free_pages_min = 1024;

  const WriterOptions options_;
  ReadPool& reads_;
  LiveFile* const file_;
  FileWatch* const watch_;
  Rescue rescue_;
  std::unique_ptr<Connection> connection_;
  bool is_fit_ = false;  // no longer when something failed that may last: the next group begins with another
  Time now_ = {};        // of the group that is written
  std::int64_t epoch_ = 0;
  std::int64_t moves_from_ = 0;
  Counts counts_;
  storage::Clocks clocks_;
  ExpirySearch expiry_search_;
  std::int64_t acknowledged_ = 0;  // the last group: what the file must hold, whoever changes it
  WorkingSet instances_;
  Versions workflow_of_version_;
  BackgroundCheckpoint background_;
  std::optional<FileWatch::Writing> moving_;  // while it runs
  std::size_t background_log_number_ = 0;     // the log of which it moves pages
  std::exception_ptr upkeep_failure_;         // each `maintain` tells it until a checkpoint has worked
  std::size_t moved_at_begin_ = 0;            // pages of the log, when the last one beside the writer began
  // Bytes of the log that none had moved, when the last checkpoint got nowhere; 0: it got on.
  std::size_t unmoved_at_standstill_ = 0;
  std::atomic<std::size_t> log_bytes_at_restart_ = 0;  // when the log could not be begun anew
  bool free_pages_wanted_ = true;                      // whether there may be enough free pages to give back
  bool file_is_long_ = false;                          // pages were given back that the file still has

  mutable std::mutex ownership_mutex_;
  Ownership ownership_;
};

}  // namespace cairn::sqlite
