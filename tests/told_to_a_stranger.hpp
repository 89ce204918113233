#pragma once

#include <cairn/error.hpp>

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <string>

namespace cairn::testing {

/// What `call` tells, in a process that may write nothing that is not open to all, as root may: the code and
/// the message of its `Error`, such as `file_is_read_only: …`, or `nothing`.
template <class Call>
std::string told_to_a_stranger(Call&& call) {
  constexpr uid_t stranger = 65534;  // nobody
  int ends[2] = {};
  if (::pipe(ends) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    std::string told = "nothing";
    if (::geteuid() == 0 && (::setgid(stranger) != 0 || ::setuid(stranger) != 0)) told = "still root";
    try {
      call();
    } catch (const Error& error) {
      told = std::string{to_string(error.code())} + ": " + error.what();
    }
    ::_exit(::write(ends[1], told.data(), told.size()) < 0 ? 1 : 0);
  }
  ::close(ends[1]);
  std::string told(4'096, ' ');
  const ssize_t bytes = ::read(ends[0], told.data(), told.size());
  told.resize(bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return told;
}

}  // namespace cairn::testing
