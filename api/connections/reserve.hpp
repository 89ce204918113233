#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <cstddef>
#include <utility>

namespace cairn::api {

/// Memory for one handler of Asio, there before it is needed: posting that handler cannot fail for want of
/// memory. Whoever has carried something out, on a thread where nobody could be told, gets the answer back by
/// it. For one handler at a time.
class Reserve {
 public:
  static constexpr std::size_t bytes = 256;
  [[nodiscard]] void* memory() noexcept { return memory_.data(); }

 private:
  alignas(std::max_align_t) std::array<std::byte, bytes> memory_;
};

/// As Asio asks for it, and gives it back before it calls or destroys the handler, which may own the reserve.
template <class T>
class ReserveAllocator {
 public:
  using value_type = T;

  explicit ReserveAllocator(Reserve& reserve) noexcept : reserve_(&reserve) {}
  template <class Other>
  ReserveAllocator(const ReserveAllocator<Other>& other) noexcept : reserve_(other.reserve_) {}

  [[nodiscard]] T* allocate(std::size_t) noexcept {
    static_assert(sizeof(T) <= Reserve::bytes && alignof(T) <= alignof(std::max_align_t));
    return static_cast<T*>(reserve_->memory());
  }
  void deallocate(T*, std::size_t) noexcept {}

  template <class Other>
  friend bool operator==(const ReserveAllocator& one, const ReserveAllocator<Other>& other) noexcept {
    return one.reserve_ == other.reserve_;
  }

 private:
  template <class Other>
  friend class ReserveAllocator;
  Reserve* reserve_;
};

template <class Function>
class Reserved {
 public:
  using allocator_type = ReserveAllocator<void>;

  Reserved(Reserve& reserve, Function function) : reserve_(&reserve), function_(std::move(function)) {}
  [[nodiscard]] allocator_type get_allocator() const noexcept { return allocator_type{*reserve_}; }
  void operator()() { function_(); }

 private:
  Reserve* reserve_;
  Function function_;
};

/// Has `function` called by whoever runs `io`. It may own the reserve, or what that is part of.
template <class Function>
void post_reserved(boost::asio::io_context& io, Reserve& reserve, Function function) {
  boost::asio::post(io, Reserved<Function>{reserve, std::move(function)});
}

}  // namespace cairn::api
