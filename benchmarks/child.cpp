#include "benchmarks/child.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace cairn::benchmarks {
namespace {

std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 4096> piece{};
  ssize_t count = 0;
  while ((count = ::read(descriptor, piece.data(), piece.size())) > 0) {
    text.append(piece.data(), static_cast<std::size_t>(count));
  }
  ::close(descriptor);
  return text;
}

// Gives the process, and where its standard output can be read.
std::pair<pid_t, int> start(std::vector<std::string>& arguments) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error{errno, std::generic_category(), "pipe"};
  std::string self = "/proc/self/exe";
  std::vector<char*> pointers{self.data()};
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::execv(self.c_str(), pointers.data());
    ::_exit(127);
  }
  const int error = errno;
  ::close(ends[1]);
  if (child < 0) {
    ::close(ends[0]);
    throw std::system_error{error, std::generic_category(), "fork"};
  }
  return {child, ends[0]};
}

}  // namespace

Figures run_again(std::vector<std::string> arguments) {
  const auto [child, output] = start(arguments);
  std::istringstream told{read_all(output)};
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw std::runtime_error{"the child " + arguments.front() + " has failed"};
  }
  Figures figures;
  std::string name;
  double value = 0;
  while (told >> name >> value) figures[name] = value;
  return figures;
}

void tell(const char* name, double value) {
  std::printf("%s %.17g\n", name, value);
  std::fflush(stdout);
}

}  // namespace cairn::benchmarks
