#pragma once

#include "tests/engine/engine_fixture.hpp"
#include "tests/odd_exceptions.hpp"

#include <cairn/detail/caught.hpp>

#include <gtest/gtest.h>

#include <new>
#include <utility>

namespace cairn::tests {

/// Expects that the call throws an `Error` whose message may be told; or the host's lack of memory.
template <class Call>
void expect_refused(Call&& call) {
  try {
    call();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_TRUE(cairn::testing::is_recordable(error.what()));
  } catch (const std::bad_alloc&) {
    return;
  }
}

/// Whether the call throws, whatever it is.
template <class Call>
bool throws(Call&& call) {
  bool thrown = false;
  detail::contain(std::forward<Call>(call), [&] { thrown = true; });
  return thrown;
}

/// A test for each row.
class OddHost : public EngineTest, public ::testing::WithParamInterface<cairn::testing::OddException> {
 protected:
  void (*const raise)() = GetParam().raise;
};

}  // namespace cairn::tests
