#pragma once

#include <cairn/store.hpp>

#include <filesystem>
#include <memory>

namespace cairn {

/// How a SQLite file is opened.
struct SqliteOptions {
  bool create = true;                               ///< make the file if there is none
  Duration lock_wait = std::chrono::seconds{2};     ///< how long to wait while another program holds the file
                                                    ///< for a moment
  std::size_t cache_bytes = std::size_t{64} << 20;  ///< SQLite's page cache of the writing connection
  std::size_t wal_bytes_max = std::size_t{64} << 20;  ///< a checkpoint is made before the write-ahead log
                                                      ///< grows past this
  bool audit_trail = false;  ///< record each change of an instance's status in the table `transition`; once
                             ///< on, it stays on for the file
};

/// Opens a store in a SQLite file, makes the file if there is none (mode 0600; unless `create` is off; where
/// a symbolic link leads), and becomes its owner.
/// `:memory:` gives a store without a file, for tests: it lives as long as the object.
///
/// Durability: every group is flushed to disk before it is acknowledged (WAL, `synchronous=FULL`).
/// Throws `Error`: `invalid_argument` (the path is empty, or contains a NUL), `file_is_owned` (naming the
/// owner's process), `file_is_newer`, `not_a_cairn_file` (also when what a killed owner had acknowledged is
/// missing, as its log; the message says how to go on), `file_is_read_only`, `store_failed`. In each case the
/// file is untouched.
[[nodiscard]] std::unique_ptr<Store> open_sqlite(const std::filesystem::path& file,
                                                 const SqliteOptions& options = {});

/// Looks into a SQLite file, also while an engine owns it, in this or in another process. Takes no ownership
/// and writes nothing. Each read opens the file anew and sees every group that was committed before. Statuses
/// are as the last owner left them. Here and at each read throws `Error`: `invalid_argument` as above,
/// `file_is_newer`, `not_a_cairn_file` (also when there is no file, or when what a killed owner had
/// acknowledged is missing, as above), `file_is_read_only` (may not be read; or has a log, in a folder that
/// may not be written), `store_failed`.
[[nodiscard]] std::unique_ptr<StoreReader> open_sqlite_read_only(const std::filesystem::path& file);

/// Opens a store in memory: the reference for every other store, and the fastest one for tests. Nothing
/// survives it, and it keeps no audit trail.
[[nodiscard]] std::unique_ptr<Store> open_memory();

}  // namespace cairn
