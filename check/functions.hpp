#pragma once

struct sqlite3;

namespace cairn::check {

// Makes known to a connection what rules need and SQLite lacks:
//   is_json(text)          whether it is one JSON value in valid UTF-8
//   later(time, span)      their sum, held at the ends of the range; NULL when one of them is
//   status_word(number)    the word for a status
void add_functions(sqlite3* connection);

}  // namespace cairn::check
