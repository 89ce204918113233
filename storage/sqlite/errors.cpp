#include "storage/sqlite/errors.hpp"

#include <cairn/detail/caught.hpp>

#include <sqlite3.h>

#include <new>

namespace cairn::sqlite {

Error as_error(const SQLite::Exception& failure, const std::string& doing) {
  // What was not thrown for a connection has no extended one.
  const int extended = failure.getExtendedErrorCode();
  const int code = extended >= 0 ? extended : failure.getErrorCode();
  std::string message = doing + ": " + detail::what_of(failure) + " (SQLite " + std::to_string(code) + ")";
  // SQLITE_READONLY too: who may write was asked before, so that something could not be opened for writing
  // for this once.
  return Error{(code & 0xff) == SQLITE_NOTADB ? Errc::not_a_cairn_file : Errc::store_failed, message};
}

void rethrow_as_error(const std::string& doing) {
  try {
    throw;
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;  // nobody can say how far it came
  } catch (const SQLite::Exception& failure) {
    throw as_error(failure, doing);
  } catch (const std::exception& failure) {
    throw Error{Errc::store_failed, doing + ": " + detail::what_of(failure)};
  }
}

}  // namespace cairn::sqlite
