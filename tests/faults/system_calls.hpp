#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace cairn::testing {

/// A call of the operating system about a file, by its name without the `64` that some have.
struct SystemCall {
  std::string_view name;
  std::string_view file = {};  ///< the path, of calls that have one
  bool writes = false;         ///< of `open`: for writing
};

/// The calls about files that cairn and SQLite make: a program that links system_calls.cpp has functions of
/// its own for them, which hand on to the kernel. `close`, and giving back a lock, are not among them: there
/// is nothing to fail.
struct SystemCalls {
  /// Asked before every call while it is armed: the error (`errno`) that it fails with, without having done
  /// anything; 0 lets it through. On the thread that calls.
  using Judge = std::function<int(const SystemCall&)>;
  static void set_judge(Judge judge);
  static void arm(bool on);
};

/// The error that such a call may well fail with for once.
[[nodiscard]] int passing_error(const SystemCall& call);

}  // namespace cairn::testing
