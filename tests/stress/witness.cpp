#include "tests/stress/witness.hpp"

#include "tests/counts.hpp"

#include <unistd.h>

#include <iomanip>
#include <iostream>

namespace cairn::testing {

namespace {

const std::chrono::nanoseconds stall_limit = Times::stall * stress_patience();

double milliseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>{time}.count();
}

}  // namespace

void fail(std::string_view what) {
  const std::string line = "FAILED: " + std::string{what} + '\n';
  // Whatever locks the other threads hold, this is said, and no destructor waits for them.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
  ::_exit(1);
}

void Times::add(Call call, std::chrono::nanoseconds took) {
  CallTimes& times = of_[index_of(call)];
  ++times.calls;
  times.stalls += took > stall_limit && !takes_long(call) ? 1 : 0;
  times.all += took;
  times.worst = std::max(times.worst, took);
}

Times& Times::operator+=(const Times& others) {
  for (std::size_t i = 0; i < of_.size(); ++i) {
    of_[i].calls += others.of_[i].calls;
    of_[i].refused += others.of_[i].refused;
    of_[i].stalls += others.of_[i].stalls;
    of_[i].all += others.of_[i].all;
    of_[i].worst = std::max(of_[i].worst, others.of_[i].worst);
  }
  return *this;
}

std::uint64_t Times::calls() const {
  std::uint64_t sum = 0;
  for (const CallTimes& times : of_) sum += times.calls;
  return sum;
}

std::uint64_t Times::stalls() const {
  std::uint64_t sum = 0;
  for (const CallTimes& times : of_) sum += times.stalls;
  return sum;
}

void Times::print(std::ostream& out) const {
  out << std::left << std::setw(18) << "call" << std::right << std::setw(10) << "times" << std::setw(10)
      << "refused" << std::setw(12) << "mean ms" << std::setw(12) << "worst ms" << '\n'
      << std::fixed;
  for (std::size_t i = 0; i < of_.size(); ++i) {
    const CallTimes& times = of_[i];
    if (times.calls == 0) continue;
    const double mean = milliseconds(times.all) / static_cast<double>(times.calls);
    out << std::left << std::setw(18) << call_names[i] << std::right << std::setw(10) << times.calls
        << std::setw(10) << times.refused << std::setw(12) << std::setprecision(3) << mean << std::setw(12)
        << std::setprecision(1) << milliseconds(times.worst) << '\n';
  }
}

Errc Witness::note_refusal(Call call, std::initializer_list<Errc> allowed, const Error& error) {
  times_.add_refusal(call);
  const bool is_over = error.code() == Errc::engine_stopped && ends_ != nullptr && ends_->load();
  if (!is_over && std::ranges::find(allowed, error.code()) == allowed.end()) {
    report(call, "was refused as " + std::string{to_string(error.code())} + ": " + error.what());
  }
  return error.code();
}

void Witness::report(Call call, std::string_view what) const {
  fail(name_ + ", " + std::string{to_string(call)} + ": " + std::string{what});
}

}  // namespace cairn::testing
