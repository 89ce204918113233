#pragma once

#include <cairn/error.hpp>

#include <gtest/gtest.h>

#include <string>

namespace cairn::tests {

/// The message with which `call` refuses its input; fails the test when it does not.
template <class Call>
std::string refusal(Call&& call) {
  try {
    static_cast<void>(call());
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Errc::invalid_argument);
    return error.what();
  }
  ADD_FAILURE() << "was accepted";
  return {};
}

/// Whether a message may be shown anywhere: short, printable ASCII, without the inner names of nlohmann/json.
inline bool is_presentable(const std::string& message) {
  if (message.empty() || message.size() > 700 || message.find("json.exception") != std::string::npos)
    return false;
  for (const char c : message) {
    if (c < 0x20 || c > 0x7e) return false;
  }
  return true;
}

}  // namespace cairn::tests
