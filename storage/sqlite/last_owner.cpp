#include "storage/sqlite/last_owner.hpp"

#include "storage/sqlite/file_check.hpp"
#include "storage/sqlite/log_origin.hpp"
#include "storage/sqlite/open_files.hpp"
#include "storage/sqlite/os/files.hpp"
#include "storage/sqlite/queries.hpp"
#include "storage/sqlite/rescue.hpp"

#include <cairn/error.hpp>

#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

namespace cairn::sqlite {
namespace {

namespace fs = std::filesystem;
using State = FileMark::State;
using Locked = std::unique_lock<std::mutex>;  // of `OpenFiles`

[[noreturn]] void refuse_what_is_left(const fs::path& file, const std::string& why) {
  throw Error{Errc::not_a_cairn_file, file.string() + " " + why};
}

// The other names of a file in its folder. There may be more elsewhere.
std::vector<fs::path> other_names(const fs::path& file, const os::FileId& id) {
  std::vector<fs::path> names;
  std::error_code error;
  for (fs::directory_iterator entry{file.parent_path(), error}, end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path() == file || entry->is_symlink(error)) continue;
    const auto facts = os::look_at(entry->path());
    if (facts && facts->id == id) names.push_back(entry->path());
  }
  return names;
}

// Whether its owner has closed it: then any copy may take its place.
bool was_closed(const FileMark& mark) {
  return mark.state == State::none || mark.state == State::closed;
}

Required required_by(const FileMark& mark, const fs::path& lock) {
  return {.group = was_closed(mark) ? 0 : mark.group, .lock = lock, .state = mark.state};
}

// What the marks beside all of these names say together.
Required required_by_all(const fs::path& file, const FileMark& mark, const std::vector<fs::path>& others) {
  Required required = required_by(mark, lock_name(file));
  for (const fs::path& name : others) {
    if (bytes_of(log_name(name)) > 0) {
      refuse_what_is_left(file, "has another name, " + name.string() +
                                    ", and its log lies beside that: open it under that name, and close it");
    }
    const fs::path lock = lock_name(name);
    const Required other = required_by(read_mark(lock), lock);
    if (other.group > required.group) required = other;
  }
  return required;
}

// One name is enough when it is that under which the file was open last: its mark or its log says so.
Required check_names(const fs::path& file, const os::FileFacts& facts, const FileMark& mark) {
  const std::vector<fs::path> others = other_names(file, facts.id);
  const Required required = required_by_all(file, mark, others);
  if (mark.state == State::none && others.size() + 1 < facts.names) {
    refuse_what_is_left(
        file, "has " + std::to_string(facts.names) +
                  " names (hard links), and nothing says that it was closed under this one: its log may lie "
                  "beside another. If it was open under another name last, open it under that, and close it. "
                  "Else, as when it is a backup that was linked here, or when its lock file was removed so "
                  "as to go on with what there is, put a copy in its place, which has this name alone: cp " +
                  file.string() + " COPY, and mv COPY " + file.string());
  }
  return required;
}

// Whatever the mark says: a log may come from anywhere.
void require_own_log(const ConnectionOptions& options) {
  const std::optional<std::string> why = foreign_log(options, OpenFiles::of_this_process().lock());
  if (!why) return;
  const fs::path file = options.path;
  refuse_what_is_left(
      file, "and its log do not belong together: " + *why + ". If it is a backup that was restored, remove " +
                log_name(file).string() + ", " + index_name(file).string() + " and " +
                lock_name(file).string() +
                " and open it again; what only the log holds is lost then. Else put back the file that the "
                "log belongs to");
}

std::int64_t group_in(Connection& connection) {
  Use owner = connection.use(queries::owner);
  std::int64_t epoch = 0;
  std::int64_t group = 0;
  if (owner.step()) owner.read(epoch, group);
  return group;
}

bool holds(const fs::path& name, std::int64_t group) {
  try {
    Connection connection{{.path = name.string(), .immutable = true}, Role::reads};
    // One that nobody was told of may have been written behind it.
    const std::int64_t found = group_in(connection);
    return found == group || found == group + 1;
  } catch (const std::exception&) {
    return false;  // whatever it is, it is not what was saved
  }
}

// The copy that was saved beside the file with this group as its last one. There may be others, of another
// time.
std::optional<fs::path> rescued(const fs::path& file, std::int64_t group, const Locked& /*lock*/) {
  const OpenFiles& open_files = OpenFiles::of_this_process();
  std::optional<fs::path> last;
  for (int number = 1; number <= rescued_names_max; ++number) {
    const fs::path name = rescued_name(file, number);
    std::error_code error;
    const auto facts = os::look_at(name, error);
    if (facts && facts->bytes > 0 && !open_files.contains(facts->id) && holds(name, group)) last = name;
  }
  return last;
}

std::string what_happened(State state) {
  switch (state) {
    case State::none:
    case State::closed:
      break;
    case State::open:
      return "its owner was killed, or could not close it";
    case State::changed:
      return "it was written over or replaced while it was open";
    case State::moved:
      return "it was moved or replaced while it was open";
    case State::removed:
      return "it was removed or replaced while it was open";
    case State::log_gone:
      return "its log was removed, replaced or cut while it was open";
  }
  return {};
}

// Where what was acknowledged is. Not after a kill: then it is where it was.
std::string where_it_is(const fs::path& file, State state, std::int64_t group, const Locked& lock) {
  if (const std::optional<fs::path> name = rescued(file, group, lock))
    return "what was acknowledged is saved in " + name->string() + ": put that file in its place";
  if (state == State::moved) return "what was acknowledged went with the file: move that back";
  return "put the copy that was saved beside it (.rescued) in its place, if there is one, or restore a "
         "backup";
}

// Whatever lies there now.
void refuse_if_changed(const fs::path& file, const FileMark& mark, const Locked& lock) {
  if (mark.state != State::changed) return;
  const std::optional<fs::path> saved = rescued(file, mark.group, lock);
  refuse_what_is_left(file,
                      "was written over or replaced while it was open, and its log belongs to other content" +
                          (saved ? "; what was acknowledged is saved in " + saved->string() : std::string{}) +
                          ". To go on with " + (saved ? "that, or with " : "") +
                          "the copy that was put there, remove " + log_name(file).string() + ", " +
                          index_name(file).string() + " and " + lock_name(file).string() + ", and copy it " +
                          (saved ? "to its place" : "once more"));
}

}  // namespace

void check_nothing_was_left(const fs::path& file, const FileMark& mark) {
  if (was_closed(mark) || mark.group == 0) return;
  const Locked lock = OpenFiles::of_this_process().lock();
  refuse_what_is_left(
      file, "is missing, and " + what_happened(mark.state) +
                " when it held what was acknowledged up to group " + std::to_string(mark.group) + ": " +
                (mark.state == State::open ? "put it back, with its log"
                                           : where_it_is(file, mark.state, mark.group, lock)) +
                ". To begin with an empty one, remove " + lock_name(file).string());
}

Required check_what_was_left(const ConnectionOptions& options, const FileMark& mark) {
  const fs::path file = options.path;
  refuse_if_changed(file, mark, OpenFiles::of_this_process().lock());
  const auto facts = os::look_at(file);
  Required required = facts && facts->names > 1 ? check_names(file, *facts, mark)
                                                : required_by(mark, lock_name(file));
  if (bytes_of(log_name(file)) > 0) {
    require_own_log(options);
    return required;
  }
  if (required.group == 0) return required;
  // Another program may have moved the log into the file since.
  ConnectionOptions alone = options;
  alone.immutable = true;
  Connection connection{alone, Role::reads};
  require_group(connection, file, required, OpenFiles::of_this_process().lock());
  return required;
}

Required required_to_read(const fs::path& file, const Locked& lock) {
  const FileMark mark = read_mark(lock_name(file));
  refuse_if_changed(file, mark, lock);
  const auto facts = os::look_at(file);
  const bool has_others = facts && facts->names > 1;
  return required_by_all(file, mark, has_others ? other_names(file, facts->id) : std::vector<fs::path>{});
}

void require_group(Connection& connection, const fs::path& file, const Required& required,
                   const Locked& lock) {
  const std::int64_t found = group_in(connection);
  if (found >= required.group) return;
  std::string why = what_happened(required.state);
  if (required.state != State::open) {
    why += ", and " + where_it_is(file, required.state, required.group, lock);
  } else if (bytes_of(log_name(file)) > 0) {
    why = "file and log do not belong together";
  } else {
    why += ", and its log " + log_name(file).string() + " is missing: put it back";
  }
  refuse_what_is_left(
      file, "holds less than was acknowledged (group " + std::to_string(found) + " of " +
                std::to_string(required.group) + "): " + why +
                ". If it is a backup that was restored, or if what is missing may be lost, remove " +
                required.lock.string() + " and open it again");
}

}  // namespace cairn::sqlite
