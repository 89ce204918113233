#pragma once

#include <cairn/error.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace cairn::testing {

/// The code of the `Error` that `call` throws, and its message; fails the test when it throws none.
template <class Call>
std::pair<Errc, std::string> refusal(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return {error.code(), error.what()};
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

}  // namespace cairn::testing
