#pragma once

#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/file_watch.hpp"

#include <cairn/detail/signal.hpp>
#include <cairn/health.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace cairn::sqlite {

// Read-only connections for whoever asks, each used by one thread at a time. Made when none is free; a few
// are kept.
class ReadPool {
 public:
  // No connection is made to a file that has taken the place of the one that `watch` knows (none: in memory).
  ReadPool(ConnectionOptions options, FileWatch* watch) : options_{std::move(options)}, watch_{watch} {
    free_.reserve(kept_max);
  }

  // A connection until it goes out of scope. After an exception it is not used again.
  class Lease {
   public:
    Lease(ReadPool& pool, std::unique_ptr<Connection> connection);
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease();
    [[nodiscard]] Connection& connection() const { return *connection_; }

   private:
    ReadPool& pool_;
    std::unique_ptr<Connection> connection_;
    int exceptions_;
  };
  [[nodiscard]] Lease lease();
  // The same without waiting: nothing during a pause.
  [[nodiscard]] std::optional<Lease> try_lease();

  // How often a wait for a pause or for reads ended by its bound alone: 0.
  [[nodiscard]] std::uint64_t missed_wakeups() const noexcept { return missed_wakeups_; }

  // Of a pause that lasts for more than a minute now.
  [[nodiscard]] std::optional<Complaint> complaint(std::chrono::steady_clock::time_point now) const;

  // Counts as a read whose connections are not from the pool, until it goes out of scope. Not begun during a
  // pause.
  class Visit {
   public:
    explicit Visit(ReadPool& pool);
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    ~Visit();

   private:
    ReadPool& pool_;
  };

  // Waits for the reads that run, closes every connection, and lets no read begin until it goes out of scope.
  class Pause {
   public:
    explicit Pause(ReadPool& pool);
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;
    ~Pause();

   private:
    ReadPool& pool_;
  };

 private:
  [[nodiscard]] std::unique_ptr<Connection> take(std::unique_lock<std::mutex> lock);
  [[nodiscard]] std::unique_ptr<Connection> connect() const;
  void give_back(std::unique_ptr<Connection> connection) noexcept;

  static constexpr std::size_t kept_max = 4;

  const ConnectionOptions options_;
  FileWatch* const watch_;
  mutable std::mutex mutex_;
  detail::MissedWakeups missed_wakeups_ = 0;
  detail::Signal changed_{missed_wakeups_};
  std::vector<std::unique_ptr<Connection>> free_;
  std::size_t leased_ = 0;
  bool paused_ = false;
  std::chrono::steady_clock::time_point paused_since_ = {};
};

}  // namespace cairn::sqlite
