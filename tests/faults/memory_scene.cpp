#include "tests/faults/memory_scene.hpp"

#include "tests/crash/fan.hpp"
#include "tests/crash/ledger.hpp"

#include <cairn/asio.hpp>

#include <boost/asio.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace cairn::testing {

using namespace std::chrono_literals;

namespace {

constexpr StepOptions step_options{.retries = {.limit = 20, .delay = 10ms, .backoff = Backoff::constant},
                                   .timeout = 24h,
                                   .crash_limit = 1'000};

class QuickClock final : public Clock {
 public:
  explicit QuickClock(Duration after) : begin_{std::chrono::sys_days{2026y / 1 / 1} + after} {}

  Time now() const override { return begin_ + uptime(); }
  Duration uptime() const override {
    return std::chrono::duration_cast<Duration>(speed * (std::chrono::steady_clock::now() - origin_));
  }
  void wait_until(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
                  Time until) override {
    condition.wait_for(lock, std::min<std::chrono::nanoseconds>((until - now()), 1min) / speed);
  }

 private:
  static constexpr int speed = 50;
  const Time begin_;
  const std::chrono::steady_clock::time_point origin_ = std::chrono::steady_clock::now();
};

}  // namespace

const std::vector<MemoryAct>& memory_acts() {
  using Kind = MemoryAct::Kind;
  static const std::vector<MemoryAct> acts{
      {Kind::create, "chain", {"chain-1"}},
      {Kind::create, "nap", {"nap-1", "nap-2", "nap-3"}},
      {Kind::create, "ask", {"ask-1", "ask-2", "ask-3", "ask-4"}},
      {Kind::create, "nap", {std::string{brief_instance}}},
      {Kind::create, "fan", {"fan-1", "fan-2"}},
      {Kind::send, "ask", {"ask-1"}},
      {Kind::pause, "ask", {"ask-2"}},
      {Kind::create, "later", {"later-1"}},
      {Kind::terminate, "ask", {"ask-3"}},
      {Kind::terminate, "ask", {"ask-4"}},
      {Kind::resume, "ask", {"ask-2"}},
      {Kind::restart, "ask", {"ask-4"}},
      {Kind::send, "ask", {"ask-2"}},
      {Kind::send, "ask", {"ask-4"}},
  };
  return acts;
}

PlainFile::PlainFile(const std::filesystem::path& file)
    : descriptor_{::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)} {
  if (descriptor_ < 0) throw std::system_error{errno, std::generic_category(), file.string()};
}

PlainFile::~PlainFile() {
  ::close(descriptor_);
}

void PlainFile::append(std::initializer_list<std::string_view> words) noexcept {
  std::array<char, 512> line{'\n'};
  std::size_t length = 1;
  for (const std::string_view word : words) {
    if (length + word.size() + 1 > line.size()) std::abort();
    std::memcpy(line.data() + length, word.data(), word.size());
    length += word.size();
    line[length++] = ' ';
  }
  line[length - 1] = end_of_line;
  if (::write(descriptor_, line.data(), length) != static_cast<ssize_t>(length)) std::abort();
}

void PlainFile::append(std::string_view word, std::size_t number) noexcept {
  std::array<char, 20> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  append({word, {digits.data(), static_cast<std::size_t>(end - digits.data())}});
}

int MemoryWorkflows::expected_output(std::string_view workflow) {
  if (workflow == "chain") return params_of_acts + 2;
  if (workflow == "fan") return 3 * params_of_acts;
  if (workflow == "ask") return params_of_acts + 1 + event_of_acts;
  return params_of_acts + 1;
}

void MemoryWorkflows::define_all(Engine& engine) {
  using Function = Task<int> (MemoryWorkflows::*)(Context&, int);
  constexpr std::array<std::pair<const char*, Function>, 5> all{
      std::pair{"chain", &MemoryWorkflows::chain},
      {"nap", &MemoryWorkflows::nap},
      {"fan", &MemoryWorkflows::fan},
      {"ask", &MemoryWorkflows::ask},
      {"later", &MemoryWorkflows::later},
  };
  for (; defined_ < all.size(); ++defined_) {
    const auto [name, function] = all[defined_];
    try {
      engine.define(name, [this, function = function](Context& ctx, int number) {
        return (this->*function)(ctx, number);
      });
    } catch (const Error& error) {
      // It had been defined before the memory for the answer was missing.
      if (error.code() != Errc::workflow_conflict) throw;
    }
  }
}

int MemoryWorkflows::note(const std::string& instance, const StepContext& step, int result) {
  std::array<char, 12> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), step.attempt());
  const std::string_view number{digits.data(), static_cast<std::size_t>(end - digits.data())};
  ledger_.append({"begun", instance, step.name(), number, step.idempotency_key()});
  if (result < 0) {
    ledger_.append({"failed", instance, step.name(), number, step.idempotency_key()});
    throw std::runtime_error("not at once");
  }
  ledger_.append({"effect", instance, step.name(), number, step.idempotency_key()});
  return result;
}

Task<int> MemoryWorkflows::chain(Context& ctx, int number) {
  const std::string instance = ctx.instance_id();
  number = co_await ctx.step("one", step_options, [&](StepContext& step) {
    return note(instance, step, step.attempt() == 1 ? -1 : number + 1);
  });
  co_return co_await ctx.step("two", step_options,
                              [&](StepContext& step) { return note(instance, step, number + 1); });
}

Task<int> MemoryWorkflows::nap(Context& ctx, int number) {
  const std::string instance = ctx.instance_id();
  co_await ctx.sleep("nap", 20ms);
  co_return co_await ctx.step("after", step_options,
                              [&](StepContext& step) { return note(instance, step, number + 1); });
}

Task<int> MemoryWorkflows::fan(Context& ctx, int number) {
  const auto note = [this](const auto&... what) { return this->note(what...); };
  return testing::fan(ctx, step_options, 3, number, note);
}

Task<int> MemoryWorkflows::ask(Context& ctx, int number) {
  const std::string instance = ctx.instance_id();
  number = co_await ctx.step("ask", step_options,
                             [&](StepContext& step) { return note(instance, step, number + 1); });
  const Event event = co_await ctx.wait_for_event("answer", {.type = "go", .timeout = 24h * 300});
  const int more = event.payload.get<int>();
  co_return co_await ctx.step("answered", step_options,
                              [&](StepContext& step) { return note(instance, step, number + more); });
}

Task<int> MemoryWorkflows::later(Context& ctx, int number) {
  const std::string instance = ctx.instance_id();
  co_return co_await ctx.step("later", step_options, [&](StepContext& step) -> boost::asio::awaitable<int> {
    co_await boost::asio::post(boost::asio::use_awaitable);
    co_return note(instance, step, number + 1);
  });
}

std::shared_ptr<Clock> quick_clock(Duration after) {
  return std::make_shared<QuickClock>(after);
}

}  // namespace cairn::testing
