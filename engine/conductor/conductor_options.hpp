#pragma once

#include <cairn/limits.hpp>
#include <cairn/time.hpp>

#include <chrono>
#include <cstddef>
#include <functional>

namespace cairn::engine {

struct ConductorOptions {
  std::size_t concurrency = 1'000;
  std::size_t resident = 1'000;  ///< waiting instances that keep their frames
  /// Of text that these were given, as params and as results. A value may take twenty times as much memory as
  /// its text.
  std::size_t resident_bytes = std::size_t{16} << 20;
  std::size_t suspects = 2;  ///< suspects of a crash loop that may run at a time
  std::size_t workers = 8;   ///< threads that bodies block
  std::size_t spare = 32;  ///< bodies in flight for which there is no worker, before it is measured how many
                           ///< end in a turn: some turns later short bodies have as many as they need
  std::size_t loop = 1'000;  ///< awaitable bodies in flight; those that wait for instances do not count
  Duration evict_after = std::chrono::seconds{10};
  Duration timer_span = std::chrono::minutes{1};
  std::size_t timer_capacity = 100'000;
  std::size_t page = 1'000;  ///< rows of one read
  std::size_t begins = 500;  ///< waiting instances that get their slots in one turn: callers wait for its end
  /// Rows of records that are read in one turn: then no more instances are brought to memory in it.
  std::size_t rows = 10'000;
  /// Results of the instances that are brought to memory by one read: what is longer together is read when
  /// replay comes to it, so much at a time, and of one instance in a turn.
  std::size_t loaded_bytes = std::size_t{4} << 20;
  std::size_t page_bytes = std::size_t{1} << 20;
  /// What an instance may do whenever it goes on, in units of `Share`; what it may do beyond that, and what
  /// all together may do beyond it in one turn. Ordinary instances need a handful: a body's result, and what
  /// they ask for then. A share is a fan of 400 branches, 200 sleeps of nothing, or some thousand steps of
  /// a record; it takes two milliseconds. The rest is for the next turn.
  std::size_t handful = 32;
  std::size_t share = 2'000;
  std::size_t turn_share = 8'000;
  Limits limits = {};
  /// The clock that never leaps: of attempts, of a store that is asked again, and of how long workflow code
  /// takes between two awaits. Empty, it stands still: a store that fails is not asked again.
  std::function<Duration()> uptime = {};
};

}  // namespace cairn::engine
