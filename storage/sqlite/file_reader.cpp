#include "storage/sqlite/file_reader.hpp"

#include "storage/sqlite/due.hpp"
#include "storage/sqlite/errors.hpp"
#include "storage/sqlite/file_check.hpp"
#include "storage/sqlite/file_mark.hpp"
#include "storage/sqlite/last_owner.hpp"
#include "storage/sqlite/log_origin.hpp"
#include "storage/sqlite/older_format.hpp"
#include "storage/sqlite/open_files.hpp"
#include "storage/sqlite/os/files.hpp"
#include "storage/sqlite/os/locks.hpp"
#include "storage/sqlite/queries.hpp"
#include "storage/sqlite/reads.hpp"

#include <cairn/detail/caught.hpp>
#include <cairn/open.hpp>

#include <sqlite3.h>

#include <exception>
#include <optional>
#include <string>
#include <type_traits>

namespace cairn::sqlite {
namespace {

// As the last owner.
Sight sight_of(Connection& connection) {
  Use owner = connection.use(queries::owner);
  Sight sight;
  if (owner.step()) owner.read(sight.epoch);
  return sight;
}

bool is_in_use(const std::filesystem::path& file) {
  const os::Descriptor descriptor = os::open_file(file, os::Access::read);
  return !descriptor.is_open() || os::is_held(descriptor, os::file_in_use);
}

// A log that was left beside another file. Whoever has the two open has asked, and its log changes meanwhile.
void check_log(const std::filesystem::path& file, const std::unique_lock<std::mutex>& lock) {
  const auto facts = os::look_at(file);
  if (!facts || OpenFiles::of_this_process().contains(facts->id) || is_in_use(file)) return;
  const std::optional<std::string> why = foreign_log({.path = file.string()}, lock);
  if (!why || is_in_use(file) || bytes_of(log_name(file)) == 0) return;
  throw Error{Errc::not_a_cairn_file, file.string() + " and its log do not belong together: " + *why};
}

bool is_the_same(const std::optional<os::FileFacts>& before, const std::optional<os::FileFacts>& after) {
  if (!before || !after) return !before && !after;
  return before->id == after->id && before->bytes == after->bytes && before->written == after->written;
}

// Whether SQLite could not make the index of a log that nobody has open, for want of permission.
bool lacks_index(const SQLite::Exception& failure, const std::filesystem::path& file) {
  const int kind = failure.getErrorCode() & 0xff;
  const bool may_make_it = os::may(os::Permission::write, file.parent_path());
  return kind == SQLITE_READONLY || (kind == SQLITE_CANTOPEN && !may_make_it);
}

}  // namespace

// An engine has the file open, or has left it without closing it. An empty log holds nothing, and somebody
// without the right to make its index could not read it; but no file that this process has open may be opened
// without SQLite's locks. `check/` has the same rule.
bool FileReader::has_log() const {
  if (bytes_of(log_name(file_)) > 0) return true;
  const auto facts = os::look_at(file_);
  return facts && OpenFiles::of_this_process().contains(facts->id);
}

template <class Work>
auto FileReader::read_once(Work&& work, bool immutable, const std::unique_lock<std::mutex>& lock) const {
  check_readable(file_, lock);
  const Required required = required_to_read(file_, lock);
  try {
    Connection connection{{.path = file_.string(), .immutable = immutable}, Role::reads};
    check_opened(connection, file_);
    see_as_newest(connection);
    require_group(connection, file_, required, lock);
    return work(connection, sight_of(connection));
  } catch (const SQLite::Exception& failure) {
    if (immutable || !lacks_index(failure, file_)) throw;
    throw Error{Errc::file_is_read_only,
                "cannot read " + file_.string() + ": its log " + log_name(file_).filename().string() +
                    " can only be read by whoever may write the log's index, " +
                    index_name(file_).filename().string() +
                    "; copy the file and its log to a folder that can be written, and look there (" +
                    detail::what_of(failure) + ")"};
  }
}

template <class Work>
auto FileReader::read(Work&& work) const {
  return translated("cannot read " + file_.string(), [&] {
    using Answer = std::invoke_result_t<Work&, Connection&, const Sight&>;
    // Nobody in this process opens the file meanwhile, see `OpenFiles`.
    const auto lock = OpenFiles::of_this_process().lock();
    // Without a log SQLite takes no locks. What was read counts if nobody has come: such a one makes a log,
    // and has written to the file when it is gone again.
    constexpr int tries_max = 10;
    for (int tries = 0; tries < tries_max && !has_log(); ++tries) {
      const auto before = os::look_at(file_);
      std::optional<Answer> answer;
      std::exception_ptr failure;
      try {
        answer.emplace(read_once(work, true, lock));
      } catch (const std::exception&) {
        failure = std::current_exception();
      }
      if (has_log() || !is_the_same(before, os::look_at(file_))) continue;
      if (failure) std::rethrow_exception(failure);
      return *std::move(answer);
    }
    if (bytes_of(log_name(file_)) > 0) check_log(file_, lock);
    return read_once(work, false, lock);
  });
}

FileReader::FileReader(const std::filesystem::path& file) : file_{resolve(file)} {
  read([](Connection&, const Sight&) { return true; });
}

std::vector<WorkflowRow> FileReader::workflows() const {
  return read([](Connection& connection, const Sight&) { return read_workflows(connection); });
}

std::vector<VersionRow> FileReader::versions(std::int64_t workflow) const {
  return read([&](Connection& connection, const Sight&) { return read_versions(connection, workflow); });
}

std::optional<InstanceRow> FileReader::find(std::int64_t workflow, const std::string& id) const {
  return read([&](Connection& connection, const Sight& sight) {
    return find_instance(connection, sight, workflow, id);
  });
}

std::optional<InstanceRow> FileReader::row(Key key) const {
  return read([&](Connection& connection, const Sight& sight) { return read_row(connection, sight, key); });
}

std::optional<History> FileReader::history(Key key, const HistoryOptions& options) const {
  return read([&](Connection& connection, const Sight& sight) {
    return read_history(connection, sight, key, options);
  });
}

std::vector<InstanceRow> FileReader::list(const ListQuery& query) const {
  return read(
      [&](Connection& connection, const Sight& sight) { return list_instances(connection, sight, query); });
}

std::vector<std::optional<ErrorRecord>> FileReader::errors(std::span<const Key> keys) const {
  return read([&](Connection& connection, const Sight&) { return read_errors(connection, keys); });
}

std::vector<InstanceRow> FileReader::queued(std::int64_t workflow, Key after, std::size_t limit) const {
  return list(queued_query(workflow, after, limit));
}

std::vector<DueRow> FileReader::due(const DueRow& after, Time until, std::size_t limit) const {
  return read([&](Connection& connection, const Sight& sight) {
    return read_due(connection, sight, after, until, limit);
  });
}

}  // namespace cairn::sqlite

std::unique_ptr<cairn::StoreReader> cairn::open_sqlite_read_only(const std::filesystem::path& file) {
  return std::make_unique<sqlite::FileReader>(file);
}
