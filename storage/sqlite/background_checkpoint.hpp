#pragma once

#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/read_pool.hpp"

#include <cstddef>
#include <future>
#include <optional>

namespace cairn::sqlite {

// A checkpoint beside the writer: it copies most of the log into the file, and flushes the file, while
// commits go on. It cannot reach the end of a log that grows meanwhile; the writer moves the short rest and
// begins the log anew. What a crash leaves of it is harmless: the log counts until it is begun anew.
//
// One that fails has changed nothing that counts, as one that a crash cuts off: the next one moves the same
// pages again. Only where the flush of the file fails behind it (`is_in_doubt`), SQLite takes pages for moved
// that the kernel may have dropped.
//
// To be begun only while a part of the log is not in the file yet, and while no other checkpoint is made.
class BackgroundCheckpoint {
 public:
  // The connection is its own, and closed at the end. `pool` holds it back while every connection has to be
  // closed.
  BackgroundCheckpoint(ConnectionOptions options, ReadPool& pool)
      : options_{std::move(options)}, pool_{pool} {}

  // Throws `std::system_error` when there is no thread for it. One at a time.
  void begin();
  [[nodiscard]] bool runs() const { return moved_.valid(); }
  // Whether its result can be taken.
  [[nodiscard]] bool is_done() const;
  // The same, after up to that time.
  [[nodiscard]] bool is_done_within(Duration patience) const;
  // Once it has ended: how many pages of the log are in the file. Throws what made it fail.
  [[nodiscard]] std::optional<std::size_t> take_result();
  // Whether the last one that was taken has failed so that the log has to be read anew.
  [[nodiscard]] bool is_in_doubt() const { return in_doubt_; }
  // Waits for it to end. Its result is of no use any more, such as of a log that has been emptied.
  void forget() noexcept;

 private:
  [[nodiscard]] std::size_t run();

  const ConnectionOptions options_;
  ReadPool& pool_;
  bool in_doubt_ = false;           // its thread's, until the result is there
  std::future<std::size_t> moved_;  // waits for the thread when it is destroyed
};

}  // namespace cairn::sqlite
