#include <cairn/cairn.hpp>

// A body whose closure holds something that may throw when it is destroyed.
struct Trap {
  Trap() = default;
  Trap(const Trap&) = default;
  ~Trap() noexcept(false) {}
};

cairn::Task<void> w(cairn::Context& ctx) {
  auto body = [trap = Trap{}] { static_cast<void>(trap); };
  co_await ctx.step("s", body);
}
