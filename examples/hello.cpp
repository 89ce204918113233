#include <cairn/cairn.hpp>

#include <iostream>

using namespace std::chrono_literals;

struct Order {
  std::string id;
  int cents = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Order, id, cents)

cairn::Task<std::string> fulfil(cairn::Context& ctx, Order order) {
  std::string charge = co_await ctx.step("pay", [&] { return std::to_string(order.cents) + " cents paid"; });
  co_await ctx.sleep("cooling-off", 1s);
  cairn::Event approval = co_await ctx.wait_for_event("approval", {.type = "approved", .timeout = 1h});
  std::string by = approval.payload.at("by");
  std::string parcel = co_await ctx.step("ship", [&] { return order.id + " shipped, approved by " + by; });
  co_return charge + "; " + parcel;
}

int main() {
  cairn::Engine engine{cairn::open_sqlite("orders.db")};
  auto orders = engine.define("orders", fulfil);
  engine.start();  // goes on with what was running, then runs what is new

  orders.create_batch({
      {.id = "order-1", .params = {"1", 4200}, .retention = {.success = 30min, .error = 168h}},
      {.id = "order-2", .params = {"2", 999}},
  });  // one transaction: all or none; ids that exist are skipped
  for (const char* id : {"order-1", "order-2"}) {
    auto order = orders.get(id);
    if (!cairn::is_finished(order.status())) order.send_event("approved", {{"by", "ann"}});
    std::cout << order.wait() << '\n';
  }
}
