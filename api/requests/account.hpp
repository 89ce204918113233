#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <string_view>
#include <utility>

namespace cairn::api {

/// Counts the bytes that requests and their answers take in memory, against a limit. Thread-safe. Nobody
/// waits for room: who finds none is refused, so nobody can wait for ever.
class Account {
 public:
  explicit Account(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  [[nodiscard]] std::size_t bytes_max() const noexcept { return bytes_max_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }

 private:
  friend class Share;
  bool take(std::size_t bytes) noexcept;

  const std::size_t bytes_max_;
  std::atomic<std::size_t> bytes_ = 0;
};

/// What one request holds of an account, and gives back at its end. Used by one thread at a time.
class Share {
 public:
  /// So much of each share is not counted: small requests are served also when large ones have filled the
  /// account. The number of connections bounds these.
  static constexpr std::size_t uncounted_bytes = std::size_t{16} << 10;

  /// Of no account: there is always room.
  Share() = default;
  explicit Share(Account& account) noexcept : account_(&account) {}
  Share(Share&& other) noexcept
      : account_(std::exchange(other.account_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Share& operator=(Share&& other) noexcept;
  ~Share() { settle(0); }

  /// Holds so many bytes from now on. False when there is no room: then nothing has changed.
  [[nodiscard]] bool resize(std::size_t bytes) noexcept;
  /// The same, whether there is room or not: for what is there already, and cannot be refused any more.
  void settle(std::size_t bytes) noexcept;
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  /// What all shares together may hold.
  [[nodiscard]] std::size_t bytes_max() const noexcept;

 private:
  Account* account_ = nullptr;
  std::size_t bytes_ = 0;
};

/// The account is full for now.
class NoRoom : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "no room in the account"; }
};

/// What the carrying out of one request may take beside the request itself.
class Room {
 public:
  explicit Room(Share& share) noexcept : share_(share), request_bytes_(share.bytes()) {}

  /// Makes room for so many bytes, in place of what there was before. Throws `NoRoom`; or `Error`
  /// (`too_large`), which begins with `field`, when there will never be so much room. To be called before
  /// anything is changed that a refusal would hide.
  void make(std::size_t bytes, std::string_view field);
  /// The same without an exception: whether there is so much room.
  [[nodiscard]] bool try_make(std::size_t bytes) noexcept { return share_.resize(request_bytes_ + bytes); }
  /// Of what was made, so many bytes are still needed.
  void keep(std::size_t bytes) noexcept { share_.settle(request_bytes_ + bytes); }
  /// The most that could ever be made.
  [[nodiscard]] std::size_t bytes_max() const noexcept;

 private:
  Share& share_;
  std::size_t request_bytes_;
};

}  // namespace cairn::api
