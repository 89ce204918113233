#pragma once

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

namespace cairn::testing {

/// What `run` gives, from 0 to 127, in a child of `fork`; -1 when that does not end by itself. Nothing is
/// destroyed there behind it.
template <class Run>
int in_child(Run&& run) {
  constexpr unsigned seconds_max = 30;
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(seconds_max);
    try {
      ::_exit(run());
    } catch (...) {
      ::_exit(127);
    }
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace cairn::testing
