#include "tests/cli/cli_fixture.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <iterator>
#include <system_error>

namespace cairn::testing {
namespace {

Task<void> audit(Context&) {
  co_return;
}

class StandingClock final : public Clock {
 public:
  explicit StandingClock(Time now) : now_{now} {}
  [[nodiscard]] Time now() const override { return now_; }
  [[nodiscard]] Duration uptime() const override { return Duration{0}; }
  void wait_until(std::condition_variable& condition, std::unique_lock<std::mutex>& lock, Time) override {
    condition.wait(lock);
  }

 private:
  Time now_;
};

constexpr uid_t nobody = 65534;

// Root may write everything, whatever the permissions say.
void give_to_nobody(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> all{folder};
  for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) all.push_back(entry.path());
  for (const std::filesystem::path& path : all) {
    if (::chown(path.c_str(), nobody, nobody) != 0) {
      throw std::system_error{errno, std::generic_category(), path.string()};
    }
  }
}

// In the child: never returns.
[[noreturn]] void become_program(std::vector<char*> arguments, const char* out, const char* err,
                                 bool as_nobody) {
  // Opened as who we are: the way to the program may be closed to others.
  const int program = ::open(CAIRN_PROGRAM, O_RDONLY);
  const int out_file = ::open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int err_file = ::open(err, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const bool changed = !as_nobody || (::setgid(nobody) == 0 && ::setuid(nobody) == 0);
  if (changed && ::dup2(out_file, STDOUT_FILENO) >= 0 && ::dup2(err_file, STDERR_FILENO) >= 0) {
    ::fexecve(program, arguments.data(), environ);
  }
  ::_exit(127);
}

}  // namespace

CliTest::CliTest() {
  std::string name = (std::filesystem::temp_directory_path() / "cairn-cli-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::system_error{errno, std::generic_category(), name};
  folder_ = std::filesystem::path{name} / "files";
  std::filesystem::create_directory(folder_);
}

CliTest::~CliTest() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_.parent_path(), ignored);
}

Ran CliTest::run(const std::vector<std::string>& arguments, As who) const {
  const bool as_nobody = who == As::nobody && ::geteuid() == 0;
  if (as_nobody) give_to_nobody(folder_.parent_path());
  std::vector<std::string> words{"cairn"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const std::string out = folder_.parent_path() / "out";
  const std::string err = folder_.parent_path() / "err";
  const pid_t child = ::fork();
  if (child == 0) become_program(std::move(pointers), out.c_str(), err.c_str(), as_nobody);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) throw std::system_error{errno, std::generic_category(), "waitpid"};
  }
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), read_text(out), read_text(err)};
}

std::unique_ptr<Engine> CliTest::open(std::optional<Time> now) const {
  EngineOptions options{.workers = 1, .sweep_interval = Duration{0}};
  if (now) options.clock = std::make_shared<StandingClock>(*now);
  auto engine = std::make_unique<Engine>(open_sqlite(file()), options);
  engine->define("audits", audit);
  return engine;
}

void CliTest::make_file(const std::vector<std::string>& ids, std::optional<Time> now) const {
  const std::unique_ptr<Engine> engine = open(now);
  for (const std::string& id : ids) {
    const Retention second{.success = std::chrono::seconds{1}, .error = std::chrono::seconds{1}};
    engine->workflow("audits").create({.id = id, .params = nullptr, .retention = second}).terminate();
  }
}

Time wall_clock() {
  return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

std::vector<std::pair<std::string, std::string>> contents(const std::filesystem::path& folder) {
  std::vector<std::pair<std::string, std::string>> files;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    files.emplace_back(entry.path().filename(), read_text(entry.path()));
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string read_text(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void write_text(const std::filesystem::path& file, const std::string& text) {
  std::ofstream{file, std::ios::binary} << text;
}

}  // namespace cairn::testing
