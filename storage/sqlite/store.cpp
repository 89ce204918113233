#include "storage/sqlite/store.hpp"

#include "storage/sqlite/due.hpp"
#include "storage/sqlite/errors.hpp"
#include "storage/sqlite/file_check.hpp"
#include "storage/sqlite/migrate.hpp"
#include "storage/sqlite/reads.hpp"

#include <cairn/detail/own_process.hpp>

#include <utility>

namespace cairn::sqlite {
namespace {

ConnectionOptions connection_options(const std::string& path, const FileOptions& options) {
  return {.path = path,
          .vfs = options.vfs,
          .busy = options.sqlite.lock_wait,
          .cache_bytes = options.sqlite.cache_bytes,
          .log_bytes_kept = options.sqlite.wal_bytes_max,
          .page_bytes = options.page_bytes};
}

// Readers of this process share the kernel's cache of the file; a small one of their own is enough.
ConnectionOptions reader_options(ConnectionOptions options) {
  options.cache_bytes = std::size_t{4} << 20;
  return options;
}

}  // namespace

// Where the database is, after everything has been asked that can be asked without SQLite.
struct SqliteStore::Place {
  std::string path;
  std::unique_ptr<LiveFile> live;

  static Place of(const std::filesystem::path& file, const FileOptions& options) {
    if (is_in_memory(file.string())) return {file.string(), nullptr};
    const std::filesystem::path path = resolve(file);
    if (check_file(path) == FileState::missing && !options.sqlite.create)
      throw Error{Errc::not_a_cairn_file, path.string() + " does not exist"};
    auto live = std::make_unique<LiveFile>(path, options.sqlite.lock_wait);
    const ConnectionOptions connection = connection_options(path.string(), options);
    // Asked again: the owner before us may have made the file, or a newer cairn have migrated it.
    if (check_file(path) == FileState::missing) {
      check_nothing_was_left(path, live->lock.found());
      create_file(path, connection);
    } else {
      live->required = check_what_was_left(connection, live->lock.found());
    }
    live->lock.hold_file();
    return {path.string(), std::move(live)};
  }
};

// All that has to do with the database, in the order in which it is made.
struct SqliteStore::Parts {
  Parts(Place place, const FileOptions& options)
      : file{std::move(place.live)},
        reads{reader_options(connection_options(place.path, options)), file ? &file->watch : nullptr},
        writer{
            std::make_unique<Writer>(WriterOptions{.connection = connection_options(place.path, options),
                                                   .log_bytes_max = options.sqlite.wal_bytes_max,
                                                   .checkpoint_bytes = options.checkpoint_bytes,
                                                   .background_checkpoints = options.background_checkpoints,
                                                   .audit_trail = options.sqlite.audit_trail},
                                     reads, file.get())} {}

  detail::OwnProcess process;
  std::unique_ptr<LiveFile> file;
  ReadPool reads;
  std::unique_ptr<Writer> writer;
};

SqliteStore::SqliteStore(const std::filesystem::path& file, const FileOptions& options)
    : SqliteStore{std::make_shared<Parts>(Place::of(file, options), options)} {}

SqliteStore::SqliteStore(std::shared_ptr<Parts> parts)
    : parts_{std::move(parts)},
      file_{parts_->file.get()},
      reads_{parts_->reads},
      writer_{parts_->writer.get()} {}

SqliteStore::~SqliteStore() {
  // In a child of a fork, a checkpoint may have had a thread, and readers may have had connections. What
  // SQLite has open there must not be closed either (sqlite.org/howtocorrupt.html, 2.6).
  if (!parts_->process.is_here()) {
    parts_->process.leave_alone(parts_);
    return;
  }
  // The writer closes last, since it alone may move the log into the file; then the file is given up.
  const ReadPool::Pause pause{reads_};
  parts_->writer.reset();
}

void SqliteStore::require_own_process() const {
  if (!parts_->process.is_here())
    throw Error{Errc::store_failed,
                (file_ != nullptr ? file_->lock.file().string() : "the store") + " was opened before a fork"};
}

std::vector<Outcome> SqliteStore::apply(std::span<const Change> group, Time now) {
  if (group.empty()) return {};
  return translated("cannot write", [&] {
    require_own_process();
    if (file_) return writer_->apply(group, now);
    const std::lock_guard lock{memory_mutex_};
    return writer_->apply(group, now);
  });
}

template <class Work>
auto SqliteStore::read_as_writer(Work&& work) {
  return translated("cannot read", [&] {
    require_own_process();
    std::unique_lock<std::mutex> lock;
    if (!file_) lock = std::unique_lock{memory_mutex_};
    if (writer_->connected()) return work(writer_->connection(), writer_->own_sight());
    const ReadPool::Lease lease = reads_.lease();
    return work(lease.connection(), writer_->sight());
  });
}

template <class Work>
auto SqliteStore::read_to_change(Work&& work) {
  return read_as_writer([&](Connection& connection, const Sight& sight) {
    auto histories = work(connection, sight);
    if (writer_->connected()) writer_->remember(histories);
    return histories;
  });
}

std::vector<std::optional<History>> SqliteStore::load(std::span<const Key> keys, std::size_t output_bytes) {
  return read_to_change([&](Connection& connection, const Sight& sight) {
    return read_histories(connection, sight, keys, output_bytes);
  });
}

std::vector<std::optional<History>> SqliteStore::awaiting(std::span<const EventTarget> targets,
                                                          std::size_t output_bytes) {
  return read_to_change([&](Connection& connection, const Sight& sight) {
    return read_awaiting(connection, sight, targets, output_bytes);
  });
}

std::vector<StepOutput> SqliteStore::outputs(const OutputRange& range) {
  return read_as_writer(
      [&](Connection& connection, const Sight&) { return read_outputs(connection, range); });
}

std::vector<bool> SqliteStore::taken(std::span<const WantedId> ids) {
  return read_as_writer([&](Connection& connection, const Sight&) { return read_taken(connection, ids); });
}

bool SqliteStore::maintain(Demand demand) {
  return translated("cannot tidy up", [&] {
    require_own_process();
    return file_ != nullptr && writer_->maintain(demand);
  });
}

Ownership SqliteStore::ownership() const {
  return writer_->ownership();
}

std::vector<Complaint> SqliteStore::complaints() const {
  std::vector<Complaint> complaints = writer_->complaints();
  if (const std::size_t bytes = writer_->held_log_bytes(); bytes > 0) {
    complaints.push_back({.state = HealthState::degraded,
                          .code = "log_is_held",
                          .message = "a reader of the file keeps its log from beginning anew; the log has " +
                                     std::to_string(bytes >> 20) + " MiB"});
  }
  if (std::optional<Complaint> silence = reads_.complaint(std::chrono::steady_clock::now()))
    complaints.push_back(std::move(*silence));
  return complaints;
}

std::optional<std::vector<InstanceRow>> SqliteStore::due_at_once(Time until, std::size_t limit) const {
  return translated("cannot read", [&]() -> std::optional<std::vector<InstanceRow>> {
    require_own_process();
    if (file_) {
      const std::optional<ReadPool::Lease> lease = reads_.try_lease();
      if (!lease) return std::nullopt;
      return read_due_rows(lease->connection(), writer_->sight(), until, limit);
    }
    const std::unique_lock lock{memory_mutex_, std::try_to_lock};
    if (!lock) return std::nullopt;
    return read_due_rows(writer_->connection(), writer_->sight(), until, limit);
  });
}

template <class Work>
auto SqliteStore::read(Work&& work) const {
  return translated("cannot read", [&] {
    require_own_process();
    if (file_) {
      const ReadPool::Lease lease = reads_.lease();
      return work(lease.connection());
    }
    const std::lock_guard lock{memory_mutex_};
    return work(writer_->connection());
  });
}

std::vector<WorkflowRow> SqliteStore::workflows() const {
  return read(read_workflows);
}

std::vector<VersionRow> SqliteStore::versions(std::int64_t workflow) const {
  return read([&](Connection& connection) { return read_versions(connection, workflow); });
}

std::optional<InstanceRow> SqliteStore::find(std::int64_t workflow, const std::string& id) const {
  return read(
      [&](Connection& connection) { return find_instance(connection, writer_->sight(), workflow, id); });
}

std::optional<InstanceRow> SqliteStore::row(Key key) const {
  return read([&](Connection& connection) { return read_row(connection, writer_->sight(), key); });
}

std::optional<History> SqliteStore::history(Key key, const HistoryOptions& options) const {
  return read(
      [&](Connection& connection) { return read_history(connection, writer_->sight(), key, options); });
}

std::vector<InstanceRow> SqliteStore::list(const ListQuery& query) const {
  return read([&](Connection& connection) { return list_instances(connection, writer_->sight(), query); });
}

std::vector<std::optional<ErrorRecord>> SqliteStore::errors(std::span<const Key> keys) const {
  return read([&](Connection& connection) { return read_errors(connection, keys); });
}

std::vector<InstanceRow> SqliteStore::queued(std::int64_t workflow, Key after, std::size_t limit) const {
  return list(queued_query(workflow, after, limit));
}

std::vector<DueRow> SqliteStore::due(const DueRow& after, Time until, std::size_t limit) const {
  return read(
      [&](Connection& connection) { return read_due(connection, writer_->sight(), after, until, limit); });
}

}  // namespace cairn::sqlite

std::unique_ptr<cairn::Store> cairn::open_sqlite(const std::filesystem::path& file,
                                                 const SqliteOptions& options) {
  return sqlite::translated("cannot open " + file.string(), [&] {
    return std::make_unique<sqlite::SqliteStore>(file, sqlite::FileOptions{.sqlite = options});
  });
}
