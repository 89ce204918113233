#pragma once

#include <cairn/cairn.hpp>

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// What the host without memory is asked for, and how it and its test understand each other.
namespace cairn::testing {

/// How a life of the host has ended, as its exit status.
enum class Fate : int {
  went_on = 0,         ///< nobody noticed
  told = 10,           ///< somebody was told, and all went on
  engine_failed = 11,  ///< the engine has said that it runs nothing any more
  not_reached = 12,    ///< there were fewer requests for memory
  broken = 20,         ///< a promise was: the reason is in what it printed
};

/// One call that changes something.
struct MemoryAct {
  enum class Kind { create, send, pause, resume, terminate, restart };
  Kind kind = Kind::create;
  std::string_view workflow;
  std::vector<std::string> ids = {};  ///< of `create`; else one
};

/// In their order. All params are `params_of_acts`.
[[nodiscard]] const std::vector<MemoryAct>& memory_acts();
constexpr int params_of_acts = 1;
constexpr int event_of_acts = 11;
/// Kept for a moment only, so that there is something to sweep.
constexpr std::string_view brief_instance = "brief-1";

/// Lines of one write each, as those of `AppendOnlyFile` (tests/crash/ledger.hpp), put together without
/// memory of the heap.
class PlainFile {
 public:
  explicit PlainFile(const std::filesystem::path& file);
  PlainFile(const PlainFile&) = delete;
  PlainFile& operator=(const PlainFile&) = delete;
  ~PlainFile();

  void append(std::initializer_list<std::string_view> words) noexcept;
  void append(std::string_view word, std::size_t number) noexcept;

 private:
  int descriptor_;
};

/// The workflows of the acts. Their bodies write the lines of a ledger (tests/crash/ledger.hpp).
class MemoryWorkflows {
 public:
  explicit MemoryWorkflows(PlainFile& ledger) : ledger_{ledger} {}

  /// Throws what `define` throws; called again, it goes on where it stopped.
  void define_all(Engine& engine);
  [[nodiscard]] static int expected_output(std::string_view workflow);

 private:
  Task<int> chain(Context& ctx, int number);  // two steps; the first attempt fails
  Task<int> nap(Context& ctx, int number);    // a sleep, and a step
  Task<int> fan(Context& ctx, int number);    // three side by side, then one
  Task<int> ask(Context& ctx, int number);    // waits for the event "go" between two steps
  Task<int> later(Context& ctx, int number);  // an awaitable body

  int note(const std::string& instance, const StepContext& step, int result);

  PlainFile& ledger_;
  std::size_t defined_ = 0;
};

/// Fifty times as fast as the clock of the system, from a fixed time on: retries are soon due.
[[nodiscard]] std::shared_ptr<Clock> quick_clock(Duration after);

}  // namespace cairn::testing
