#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cairn::testing {

// How a process came to its end.
struct End {
  std::optional<int> status = std::nullopt;  // nothing: a signal ended it
  int signal = 0;
  bool operator==(const End&) const = default;
};

[[nodiscard]] std::string to_string(const End& end);

// A process of its own. It does not outlive this object, nor the thread that made it.
class Child {
 public:
  // `command` is a program's path and its arguments; what it prints goes into two new files.
  Child(const std::vector<std::string>& command, const std::filesystem::path& out,
        const std::filesystem::path& err);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  // Its end, or nothing when it has not come within that time.
  std::optional<End> wait(std::chrono::microseconds patience);
  // SIGKILL. Its end, which may have come before.
  End kill();

  // Stops it in its tracks; false when it has ended. Until `go_on` nothing of it moves.
  bool freeze();
  void go_on() const;

  // What all its threads have had of the processors.
  [[nodiscard]] std::chrono::nanoseconds processor_time() const;

  [[nodiscard]] pid_t id() const { return id_; }

 private:
  pid_t id_ = -1;
  int handle_ = -1;  // a pidfd
  std::optional<End> end_;
};

}  // namespace cairn::testing
