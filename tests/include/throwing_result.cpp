#include <cairn/cairn.hpp>

// A result that may throw when it is destroyed.
struct Trap {
  Trap() = default;
  Trap(const Trap&) = default;
  ~Trap() noexcept(false) {}
};
void to_json(cairn::json&, const Trap&) {}
void from_json(const cairn::json&, Trap&) {}

cairn::Task<void> w(cairn::Context& ctx) {
  auto body = [] { return Trap{}; };
  Trap trap = co_await ctx.step("s", body);
}
