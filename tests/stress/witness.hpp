#pragma once

#include "tests/stress/board.hpp"

#include <cairn/error.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace cairn::testing {

/// Something is not as promised: says so, and ends the process at once, with everything as it stands.
[[noreturn]] void fail(std::string_view what);

/// How often a call was made, and how long it took.
struct CallTimes {
  std::uint64_t calls = 0;
  std::uint64_t refused = 0;
  std::uint64_t stalls = 0;  // that took longer than `Times::stall`
  std::chrono::nanoseconds all = {};
  std::chrono::nanoseconds worst = {};
};

class Times {
 public:
  /// Longer than any call takes on a machine that has time for it. Less than the second after which threads
  /// of an engine look for themselves: a wake-up that was lost is seen although it is made good.
  static constexpr std::chrono::milliseconds stall{900};

  void add(Call call, std::chrono::nanoseconds took);
  void add_refusal(Call call) { ++of_[index_of(call)].refused; }
  Times& operator+=(const Times& others);

  [[nodiscard]] std::uint64_t calls() const;
  [[nodiscard]] std::uint64_t stalls() const;
  /// A line for each kind of call.
  void print(std::ostream& out) const;

 private:
  std::array<CallTimes, call_names.size()> of_ = {};
};

/// One thread's calls: shows each on the board, takes its time, and lets only refusals pass that are right
/// there.
class Witness {
 public:
  Witness(Slot& slot, std::string name) : slot_{slot}, name_{std::move(name)} {}

  /// From now on, an engine may call itself stopped when `ends` is set, and not before.
  void attend(std::shared_ptr<const std::atomic<bool>> ends) noexcept { ends_ = std::move(ends); }

  /// Nothing: `function` has returned. Else the code with which it was refused, which is one of `allowed`,
  /// or `engine_stopped`. An `InstanceError` passes; everything else fails.
  template <class Function>
  std::optional<Errc> call(Call call, std::initializer_list<Errc> allowed, Function&& function) {
    try {
      const Shown shown{*this, call};
      function();
      return std::nullopt;
    } catch (const InstanceError&) {
      throw;
    } catch (const Error& error) {
      return note_refusal(call, allowed, error);
    } catch (const std::exception& error) {
      report(call, error.what());
    }
  }

  [[noreturn]] void report(Call call, std::string_view what) const;
  [[nodiscard]] const Times& times() const noexcept { return times_; }

 private:
  class Shown {
   public:
    Shown(Witness& witness, Call call) : witness_{witness}, call_{call} { witness.slot_.begin(call); }
    Shown(const Shown&) = delete;
    Shown& operator=(const Shown&) = delete;
    ~Shown() {
      witness_.times_.add(call_, std::chrono::steady_clock::now() - begin_);
      witness_.slot_.end();
    }

   private:
    Witness& witness_;
    const Call call_;
    const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  };

  Errc note_refusal(Call call, std::initializer_list<Errc> allowed, const Error& error);

  Slot& slot_;
  const std::string name_;
  std::shared_ptr<const std::atomic<bool>> ends_;
  Times times_;
};

}  // namespace cairn::testing
