#pragma once

#include <cairn/detail/gcc12.hpp>
#include <cairn/instance.hpp>

#include <string>
#include <type_traits>
#include <utility>

// What `create` gives for an entry that is written in its call: not for users.
namespace cairn::detail {

/// As a `std::future` is. Its header would be one of the dearest for a compiler.
template <class Result>
concept IsHeld = requires(Result& result) {
  result.valid();
  result.share();
};

template <class Result>
constexpr bool is_awaited = !std::is_void_v<Result> && !IsHeld<Result>;

/// An instance that cannot be awaited before it has a name: the entry that it was created from would stand in
/// the same expression, and g++ before 13 destroys that twice.
template <class Out>
class CreatedInPlace : public Instance<Out> {
 public:
  using Instance<Out>::Instance;

  template <class CompletionToken>
  auto async_wait(CompletionToken&& token) const& {
    return Instance<Out>::async_wait(std::forward<CompletionToken>(token));
  }
  template <class CompletionToken>
  auto async_wait(CompletionToken&& token) const&& {
    using Result = decltype(Instance<Out>::async_wait(std::forward<CompletionToken>(token)));
    refuse<Result>();
    return Instance<Out>::async_wait(std::forward<CompletionToken>(token));
  }

  template <class CompletionToken>
  auto async_send_event(std::string type, json payload, CompletionToken&& token) const& {
    return Instance<Out>::async_send_event(std::move(type), std::move(payload),
                                           std::forward<CompletionToken>(token));
  }
  template <class CompletionToken>
  auto async_send_event(std::string type, json payload, CompletionToken&& token) const&& {
    using Result = decltype(Instance<Out>::async_send_event(std::move(type), std::move(payload),
                                                            std::forward<CompletionToken>(token)));
    refuse<Result>();
    return Instance<Out>::async_send_event(std::move(type), std::move(payload),
                                           std::forward<CompletionToken>(token));
  }

 private:
  template <class Result>
  static constexpr void refuse() {
    static_assert(
        !is_awaited<Result>,
        "GCC 12 destroys what stands in create() twice inside a co_await expression: name the value "
        "first, or the instance");
  }
};

template <class Out>
using Created = std::conditional_t<destroys_twice, CreatedInPlace<Out>, Instance<Out>>;

}  // namespace cairn::detail
