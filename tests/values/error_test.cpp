#include <cairn/error.hpp>

#include <gtest/gtest.h>

#include <array>
#include <exception>
#include <string>
#include <string_view>
#include <type_traits>

namespace cairn {
namespace {

struct GoldenCode {
  Errc code;
  int number;
  std::string_view name;
};

constexpr std::array golden_codes{
    GoldenCode{Errc::internal, 10001, "internal"},
    GoldenCode{Errc::invalid_argument, 10002, "invalid_argument"},
    GoldenCode{Errc::workflow_not_found, 10200, "workflow_not_found"},
    GoldenCode{Errc::instance_not_found, 10400, "instance_not_found"},
    GoldenCode{Errc::cannot_terminate, 10401, "cannot_terminate"},
    GoldenCode{Errc::cannot_pause, 10402, "cannot_pause"},
    GoldenCode{Errc::cannot_resume, 10403, "cannot_resume"},
    GoldenCode{Errc::cannot_restart, 10404, "cannot_restart"},
    GoldenCode{Errc::instance_already_exists, 10405, "instance_already_exists"},
    GoldenCode{Errc::cannot_send_event, 10406, "cannot_send_event"},
    GoldenCode{Errc::duplicate_in_batch, 10415, "duplicate_in_batch"},
    GoldenCode{Errc::too_large, 20001, "too_large"},
    GoldenCode{Errc::wrong_thread, 20002, "wrong_thread"},
    GoldenCode{Errc::engine_stopped, 20003, "engine_stopped"},
    GoldenCode{Errc::store_failed, 20004, "store_failed"},
    GoldenCode{Errc::outcome_unknown, 20005, "outcome_unknown"},
    GoldenCode{Errc::not_a_cairn_file, 20006, "not_a_cairn_file"},
    GoldenCode{Errc::file_is_newer, 20007, "file_is_newer"},
    GoldenCode{Errc::file_is_read_only, 20008, "file_is_read_only"},
    GoldenCode{Errc::file_is_owned, 20009, "file_is_owned"},
    GoldenCode{Errc::timed_out, 20010, "timed_out"},
    GoldenCode{Errc::workflow_conflict, 20011, "workflow_conflict"},
    GoldenCode{Errc::clock_unconfirmed, 20012, "clock_unconfirmed"},
    GoldenCode{Errc::cancelled, 20013, "cancelled"},
};

TEST(Errc, NumbersAndNamesAreThoseOfTheContract) {
  for (const auto& [code, number, name] : golden_codes) {
    EXPECT_EQ(static_cast<int>(code), number);
    EXPECT_EQ(to_string(code), name);
  }
}

TEST(Errc, ANumberFromElsewhereHasANameToo) {
  EXPECT_EQ(to_string(static_cast<Errc>(1)), "unknown");
}

// Copying an exception while it is thrown must not throw.
static_assert(std::is_nothrow_copy_constructible_v<Error>);

TEST(Error, CarriesCodeAndMessageAcrossThreads) {
  std::exception_ptr carried;
  try {
    throw Error{Errc::timed_out, "too late"};
  } catch (...) {
    carried = std::current_exception();
  }
  try {
    std::rethrow_exception(carried);
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "too late");
    EXPECT_EQ(dynamic_cast<const Error&>(error).code(), Errc::timed_out);
  }
}

TEST(InstanceError, SaysHowTheInstanceEndedAndWhy) {
  const InstanceError error{Status::terminated, {.name = "Terminated", .message = "by ann"}};
  EXPECT_EQ(error.status(), Status::terminated);
  EXPECT_EQ(error.name(), "Terminated");
  EXPECT_STREQ(error.what(), "by ann");
}

TEST(StepError, IsTheRecordOfTheLastError) {
  const ErrorRecord record{.name = "WorkflowTimeoutError", .message = "Execution timed out after 5ms"};
  const TimeoutError error{record};
  const StepError& base = error;
  EXPECT_EQ(base.record(), record);
  EXPECT_EQ(base.name(), "WorkflowTimeoutError");
  EXPECT_STREQ(base.what(), "Execution timed out after 5ms");
}

TEST(ErrorRecord, IsNamedErrorUnlessSaidOtherwise) {
  EXPECT_EQ(ErrorRecord{}.name, "Error");
}

TEST(NonRetryableError, IsNamedAfterItselfUnlessSaidOtherwise) {
  EXPECT_EQ(NonRetryableError{"no such account"}.name(), "NonRetryableError");
  EXPECT_EQ((NonRetryableError{"no such account", "NoAccount"}).name(), "NoAccount");
  EXPECT_STREQ(NonRetryableError{"no such account"}.what(), "no such account");
}

}  // namespace
}  // namespace cairn
