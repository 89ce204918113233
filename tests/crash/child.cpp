#include "tests/crash/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <system_error>

namespace cairn::testing {
namespace {

[[noreturn]] void fail(const char* call) {
  throw std::system_error{errno, std::generic_category(), call};
}

// Between fork and exec: only what may be called there.
[[noreturn]] void become(char* const* arguments, const char* out, const char* err) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC;
  if (::dup2(::open(out, flags, 0600), STDOUT_FILENO) >= 0 &&
      ::dup2(::open(err, flags, 0600), STDERR_FILENO) >= 0) {
    ::execv(arguments[0], arguments);
  }
  constexpr int not_started = 127;
  ::_exit(not_started);
}

End end_of(int status) {
  if (WIFSIGNALED(status)) return {.status = std::nullopt, .signal = WTERMSIG(status)};
  return {.status = WEXITSTATUS(status)};
}

}  // namespace

std::string to_string(const End& end) {
  return end.status ? "exit status " + std::to_string(*end.status)
                    : "signal " + std::to_string(end.signal) + " (" + ::strsignal(end.signal) + ")";
}

Child::Child(const std::vector<std::string>& command, const std::filesystem::path& out,
             const std::filesystem::path& err) {
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  id_ = ::fork();
  if (id_ == 0) become(arguments.data(), out.c_str(), err.c_str());
  if (id_ < 0) fail("fork");
  // By its number: the header of glibc 2.36 declares the function for C alone.
  handle_ = static_cast<int>(::syscall(SYS_pidfd_open, id_, 0));
  if (handle_ < 0) fail("pidfd_open");
}

Child::~Child() {
  kill();
  ::close(handle_);
}

std::optional<End> Child::wait(std::chrono::microseconds patience) {
  if (end_) return end_;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience);
  const timespec timeout{.tv_sec = seconds.count(),
                         .tv_nsec = std::chrono::nanoseconds{patience - seconds}.count()};
  pollfd ended{.fd = handle_, .events = POLLIN, .revents = 0};
  if (::ppoll(&ended, 1, &timeout, nullptr) <= 0) return std::nullopt;
  int status = 0;
  if (::waitpid(id_, &status, 0) != id_) fail("waitpid");
  end_ = end_of(status);
  return end_;
}

End Child::kill() {
  if (end_) return *end_;
  ::kill(id_, SIGKILL);
  int status = 0;
  while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) continue;
  end_ = end_of(status);
  return *end_;
}

bool Child::freeze() {
  if (end_) return false;
  ::kill(id_, SIGSTOP);
  int status = 0;
  if (::waitpid(id_, &status, WUNTRACED) != id_) fail("waitpid");
  if (WIFSTOPPED(status)) return true;
  end_ = end_of(status);
  return false;
}

void Child::go_on() const {
  ::kill(id_, SIGCONT);
}

std::chrono::nanoseconds Child::processor_time() const {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(id_, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return {};
  return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

}  // namespace cairn::testing
