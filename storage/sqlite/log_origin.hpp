#pragma once

#include "storage/sqlite/connection.hpp"

#include <mutex>
#include <optional>
#include <string>

namespace cairn::sqlite {

// Whether a log that lies beside a file was written for another one, or another state of it, by the two alone
// and before SQLite puts them together; then in words. SQLite itself does not ask: a log names no file.
//
// The page of the owner tells. A file has it as it was before the log began, or, since checkpoints copy pages
// of the log into it and may be cut off, as any group in the log has written it. When the page or the way to
// it is damaged, as by a loss of power in a checkpoint, nothing is said: the log has it whole then.
//
// The first page tells more. It says whose database it is, and the size of the pages, which a log keeps as
// long as it lies beside its file. And its number of the schema is one that the log has, or, if the log
// begins with a change of the schema, the one before: VACUUM, which moves the pages of a copy, makes it
// another.
//
// A copy of the file from any moment since the log began passes: SQLite's own backup copies page by page, and
// with the log it becomes what the log holds. It numbers its schema anew, so what it is when such a copy was
// put over an older one is not certain, and then it is refused. Where no frame has the first page, only the
// number of pages can be compared: a copy that VACUUM has moved pages in, and left as long, passes.
//
// `lock` is that of `OpenFiles`, and nobody of this process has the file open: they would lose their locks.
[[nodiscard]] std::optional<std::string> foreign_log(const ConnectionOptions& options,
                                                     const std::unique_lock<std::mutex>& lock);

}  // namespace cairn::sqlite
