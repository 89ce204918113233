#include "check/functions.hpp"

#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include <array>
#include <cstddef>
#include <limits>
#include <new>
#include <string>

namespace cairn::check {
namespace {

void is_json(sqlite3_context* context, int, sqlite3_value** values) {
  const auto* text = sqlite3_value_text(values[0]);
  const auto bytes = static_cast<std::size_t>(sqlite3_value_bytes(values[0]));
  try {
    sqlite3_result_int(context, text != nullptr && nlohmann::json::accept(text, text + bytes) ? 1 : 0);
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  }
}

void later(sqlite3_context* context, int, sqlite3_value** values) {
  if (sqlite3_value_type(values[0]) == SQLITE_NULL || sqlite3_value_type(values[1]) == SQLITE_NULL) return;
  const sqlite3_int64 time = sqlite3_value_int64(values[0]);
  const sqlite3_int64 span = sqlite3_value_int64(values[1]);
  constexpr sqlite3_int64 most = std::numeric_limits<sqlite3_int64>::max();
  constexpr sqlite3_int64 least = std::numeric_limits<sqlite3_int64>::min();
  if (span > 0 && time > most - span) return sqlite3_result_int64(context, most);
  if (span < 0 && time < least - span) return sqlite3_result_int64(context, least);
  sqlite3_result_int64(context, time + span);
}

void status_word(sqlite3_context* context, int, sqlite3_value** values) {
  static constexpr std::array words{"queued",     "running",  "paused",          "errored",
                                    "terminated", "complete", "waitingForPause", "waiting"};
  const sqlite3_int64 status = sqlite3_value_int64(values[0]);
  const bool known = status >= 0 && status < sqlite3_int64{words.size()};
  sqlite3_result_text(context, known ? words.at(static_cast<std::size_t>(status)) : "of an unknown status",
                      -1, SQLITE_STATIC);
}

void tell_what_is_missing(sqlite3_context* context, int, sqlite3_value** values) {
  try {
    const Beside& beside = *static_cast<const Beside*>(sqlite3_user_data(context));
    const std::string missing = what_is_missing(beside.file, beside.lock_file,
                                                sqlite3_value_int64(values[0]));
    if (missing.empty()) return;
    sqlite3_result_text(context, missing.data(), static_cast<int>(missing.size()), SQLITE_TRANSIENT);
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  }
}

}  // namespace

void add_functions(sqlite3* connection) {
  constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  sqlite3_create_function_v2(connection, "is_json", 1, flags, nullptr, is_json, nullptr, nullptr, nullptr);
  sqlite3_create_function_v2(connection, "later", 2, flags, nullptr, later, nullptr, nullptr, nullptr);
  sqlite3_create_function_v2(connection, "status_word", 1, flags, nullptr, status_word, nullptr, nullptr,
                             nullptr);
}

void add_what_is_missing(sqlite3* connection, const Beside& beside) {
  sqlite3_create_function_v2(connection, "what_is_missing", 1, SQLITE_UTF8, const_cast<Beside*>(&beside),
                             tell_what_is_missing, nullptr, nullptr, nullptr);
}

}  // namespace cairn::check
