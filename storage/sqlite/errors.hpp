#pragma once

#include <cairn/error.hpp>

#include <SQLiteCpp/Exception.h>

#include <exception>
#include <string>
#include <utility>

namespace cairn::sqlite {

// What a failure of SQLite is to our caller. `doing` begins the message, such as "cannot write".
[[nodiscard]] Error as_error(const SQLite::Exception& failure, const std::string& doing);

// The same for whatever is being handled: cairn's own errors pass as they are. To be called in a catch block.
[[noreturn]] void rethrow_as_error(const std::string& doing);

// Calls `work`, whose failures come out as `Error`.
template <class Work>
decltype(auto) translated(const std::string& doing, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (...) {
    rethrow_as_error(doing);
  }
}

}  // namespace cairn::sqlite
