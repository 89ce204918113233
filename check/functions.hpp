#pragma once

#include "check/lock_file.hpp"

#include <filesystem>

struct sqlite3;

namespace cairn::check {

// Makes known to a connection what rules need and SQLite lacks:
//   is_json(text)          whether it is one JSON value in valid UTF-8
//   later(time, span)      their sum, held at the ends of the range; NULL when one of them is
//   status_word(number)    the word for a status
void add_functions(sqlite3* connection);

// What `what_is_missing(group)` asks about: see lock_file.hpp. Outlives each use of that.
struct Beside {
  std::filesystem::path file = {};
  LockFile lock_file = {};
};
//   what_is_missing(group)  in words, when that is the last group in the file; NULL: nothing
void add_what_is_missing(sqlite3* connection, const Beside& beside);

}  // namespace cairn::check
