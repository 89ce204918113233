// What a failure inside of a store is to whoever calls it.

#include "storage/sqlite/errors.hpp"

#include "tests/refusal.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <new>
#include <stdexcept>
#include <utility>

namespace cairn::testing {
namespace {

template <class Failure>
std::pair<Errc, std::string> told(const Failure& failure) {
  return refusal([&] { sqlite::translated("cannot read x", [&] { throw failure; }); });
}

TEST(Failures, OfSqliteAreToldWithItsCode) {
  EXPECT_EQ(told(SQLite::Exception{"disk I/O error", SQLITE_IOERR_FSYNC}),
            (std::pair{Errc::store_failed, std::string{"cannot read x: disk I/O error (SQLite 1034)"}}));
  EXPECT_EQ(told(SQLite::Exception{"file is not a database", SQLITE_NOTADB}).first, Errc::not_a_cairn_file);
  EXPECT_EQ(told(SQLite::Exception{"readonly", SQLITE_READONLY}).first, Errc::store_failed)
      << "who may write was asked before";
}

TEST(Failures, OfCairnPassAsTheyAre) {
  EXPECT_EQ(told(Error{Errc::file_is_newer, "x is newer"}),
            (std::pair{Errc::file_is_newer, std::string{"x is newer"}}));
}

TEST(Failures, OfMemoryPassAsTheyAre) {
  EXPECT_THROW(sqlite::translated("cannot read x", [] { throw std::bad_alloc{}; }), std::bad_alloc);
}

TEST(Failures, OfAnyOtherKindAreTheStores) {
  EXPECT_EQ(told(std::runtime_error{"odd"}),
            (std::pair{Errc::store_failed, std::string{"cannot read x: odd"}}));
}

}  // namespace
}  // namespace cairn::testing
