#include "tests/soak/layers.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <sstream>
#include <system_error>
#include <utility>

extern char** environ;

namespace cairn::soak {

namespace {

// Nothing that a layer does takes a fraction of this; what does hangs.
constexpr const char* longest_seconds = "1800";

std::string with_seed(std::string text, std::uint64_t seed) {
  static constexpr std::string_view place = "{seed}";
  const std::size_t at = text.find(place);
  if (at != std::string::npos) text.replace(at, place.size(), std::to_string(seed));
  return text;
}

[[noreturn]] void fail(int error, const std::string& what) {
  throw std::system_error{error, std::generic_category(), what};
}

// What the program wrote, to both of its outputs.
class Pipe {
 public:
  Pipe() {
    if (::pipe(ends_.data()) != 0) fail(errno, "pipe");
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    ::close(ends_[0]);
    close_write_end();
  }
  [[nodiscard]] int write_end() const { return ends_[1]; }
  void close_write_end() {
    if (ends_[1] >= 0) ::close(std::exchange(ends_[1], -1));
  }
  [[nodiscard]] std::string read_all() const {
    std::string text;
    std::array<char, 65'536> piece{};
    for (;;) {
      const ssize_t count = ::read(ends_[0], piece.data(), piece.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return text;
      text.append(piece.data(), static_cast<std::size_t>(count));
    }
  }

 private:
  std::array<int, 2> ends_ = {-1, -1};
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

pid_t start(const Layer& layer, std::uint64_t seed, Pipe& output) {
  std::vector<std::string> words{"timeout", longest_seconds, layer.program};
  for (const std::string& argument : layer.arguments) words.push_back(with_seed(argument, seed));
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  for (const std::string& variable : layer.environment) variables.push_back(with_seed(variable, seed));
  std::vector<char*> arguments = pointers(words);
  std::vector<char*> environment = pointers(variables);

  posix_spawn_file_actions_t files{};
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, output.write_end(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, output.write_end(), STDERR_FILENO);
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, "timeout", &files, nullptr, arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) fail(error, layer.program);
  output.close_write_end();
  return child;
}

void add_counts(Run& run) {
  std::istringstream lines{run.output};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words{line};
    std::string mark;
    std::uint64_t count = 0;
    if (!(words >> mark >> count) || mark != "[count]") continue;
    std::string what;
    std::getline(words >> std::ws, what);
    run.counts[what] += count;
  }
}

}  // namespace

Run run(const Layer& layer, std::uint64_t seed) {
  Run run{.layer = layer.name, .seed = seed};
  const auto begin = std::chrono::steady_clock::now();
  Pipe output;
  const pid_t child = start(layer, seed, output);
  run.output = output.read_all();
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  run.passed = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  add_counts(run);
  return run;
}

}  // namespace cairn::soak
