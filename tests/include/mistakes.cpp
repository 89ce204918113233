// The commonest mistakes. Behind `says:` stands what a compiler is to say of one: that sentence, and no other
// error.

#include <cairn/cairn.hpp>

#include <boost/asio/awaitable.hpp>

#include <coroutine>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using cairn::Context;
using cairn::Engine;
using cairn::Task;

// ---------------------------------------------------------------------------------------- types without JSON

struct Order {
  std::string id;
  int cents = 0;
};

// says: this struct has none: write NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Type, member, ...) behind it
Task<std::string> take_order(Context& ctx, Order order) {
  std::string charge = co_await ctx.step("pay", [&] { return order.id; });
  co_return charge;
}
void create(Engine& engine) {
  auto orders = engine.define("orders", take_order);
  orders.create({.id = "a", .params = {"a", 1}});
  orders.create_batch({{.id = "b", .params = {.id = "b"}}});
}

struct Receipt {
  int cents = 0;
};

// says: this struct has none
Task<int> keep_receipt(Context& ctx) {
  Receipt receipt = co_await ctx.step("pay", [] { return Receipt{1}; });
  co_return receipt.cents;
}

struct Parcel {
  int number = 0;
};

// says: this struct has none
Task<Parcel> ship(Context& ctx) {
  co_await ctx.sleep("rest", 1s);
  Parcel parcel{.number = 1};
  co_return parcel;
}
int wait(Engine& engine) {
  return engine.define("ship", ship).create({}).wait().number;
}

struct Ticket {
  int number = 0;
};

// says: this struct has none
Task<int> print(Context& ctx, std::vector<int> numbers) {
  std::vector<Ticket> tickets = co_await ctx.map("print", numbers, [](int number) { return Ticket{number}; });
  co_return static_cast<int>(tickets.size());
}

// says: JSON, which does not know this type, or one that it holds
Task<int> now(Context& ctx) {
  auto time = co_await ctx.step("now", [] { return std::chrono::system_clock::now(); });
  co_return static_cast<int>(time.time_since_epoch().count());
}

// says: JSON, which does not know this type, or one that it holds
Task<int> choose(Context&, std::optional<int> number) {
  co_return number.value_or(0);
}
void define_choose(Engine& engine) {
  engine.define("choose", choose).create({.params = 7});
}

// says: JSON, which does not know this type, or one that it holds
Task<int> count(Context&, std::vector<Receipt> receipts) {
  co_return static_cast<int>(receipts.size());
}
void define_count(Engine& engine) {
  engine.define("count", count).create({.params = {{.cents = 1}}});
}

class Money {
 public:
  explicit Money(int cents) : cents_(cents) {}
  int cents() const { return cents_; }

 private:
  int cents_;
};

// says: JSON, which does not know this type, or one that it holds
Task<int> pay(Context& ctx) {
  Money money = co_await ctx.step("pay", [] { return Money{1}; });
  co_return money.cents();
}

// says: decode into a type that owns its data, such as std::string
Task<int> name_it(Context& ctx) {
  auto name = co_await ctx.step("name", [] { return "a name"; });
  co_return name == nullptr ? 0 : 1;
}

struct Written {
  int number = 0;
};
void to_json(cairn::json& tree, const Written& value) {
  tree = value.number;
}

// says: this type has a to_json alone, and is to be read as well
Task<int> write(Context& ctx) {
  Written written = co_await ctx.step("write", [] { return Written{1}; });
  co_return written.number;
}

struct Read {
  int number = 0;
};
void from_json(const cairn::json& tree, Read& value) {
  value.number = tree.get<int>();
}

// says: this type has a from_json alone, and is to be written as well
Task<int> read(Context& ctx) {
  Read result = co_await ctx.step("read", [] { return Read{1}; });
  co_return result.number;
}

struct Numbered {
  explicit Numbered(int of) : number(of) {}
  int number;
};
void to_json(cairn::json& tree, const Numbered& value) {
  tree = value.number;
}
void from_json(const cairn::json& tree, Numbered& value) {
  value.number = tree.get<int>();
}

// says: give the type a default constructor
Task<int> number(Context& ctx) {
  Numbered numbered = co_await ctx.step("number", [] { return Numbered{1}; });
  co_return numbered.number;
}

// ---------------------------------------------------------------------------------------- bodies

// says: a body that is a coroutine of Boost.Asio needs its header: #include <cairn/asio.hpp>
Task<int> fetch(Context& ctx) {
  int result = co_await ctx.step("fetch", []() -> boost::asio::awaitable<int> { co_return 1; });
  co_return result;
}

// says: a body is no workflow code and returns its value: await this Task
Task<int> fulfil(Context& ctx) {
  int cents = co_await ctx.step("pay", [&] { return pay(ctx); });
  co_return cents;
}

// says: a body is no workflow code and returns its value: await this Task
Task<int> nest(Context& ctx) {
  int cents = co_await ctx.step("pay", [&] { return ctx.step("again", [] { return 1; }); });
  co_return cents;
}

// says: a body is R() or R(StepContext&)
Task<int> double_it(Context& ctx) {
  int result = co_await ctx.step("double", [](int number) { return 2 * number; });
  co_return result;
}

struct Trap {
  Trap() = default;
  Trap(const Trap&) = default;
  ~Trap() noexcept(false) {}
};
void to_json(cairn::json&, const Trap&) {}
void from_json(const cairn::json&, Trap&) {}

// says: the destructor of a body must not throw
Task<void> hold(Context& ctx) {
  auto body = [trap = Trap{}] { static_cast<void>(trap); };
  co_await ctx.step("hold", body);
}

// says: the destructor of a step's result must not throw
Task<void> give(Context& ctx) {
  auto body = [] { return Trap{}; };
  Trap trap = co_await ctx.step("give", body);
}

// says: map: the function takes one element, and optionally a StepContext&
Task<int> lengths(Context& ctx, std::vector<int> numbers) {
  auto result = co_await ctx.map("lengths", numbers, [](std::string text) { return text.size(); });
  co_return static_cast<int>(result.size());
}

// says: workflow code awaits what its Context gives, Tasks and all(...)
Task<void> suspend(Context&) {
  co_await std::suspend_always{};
}

// ---------------------------------------------------------------------------------------- signatures

Task<int> without_context(std::string order) {
  co_return static_cast<int>(order.size());
}
// says: a workflow takes its Context first, by reference: Task<Out>(Context&) or Task<Out>(Context&, In)
void define_without_context(Engine& engine) {
  engine.define("a", without_context).create({.id = "a", .params = "order"});
}

// says: a Context is not copied: a workflow, and each part of it, takes it by reference, Context&
Task<int> context_by_value(Context ctx, std::string order) {
  int length = co_await ctx.step("length", [&] { return static_cast<int>(order.size()); });
  co_return length;
}
void define_context_by_value(Engine& engine) {
  engine.define("a", context_by_value);
}

int no_task(Context&, std::string order) {
  return static_cast<int>(order.size());
}
// says: a workflow is a coroutine that returns cairn::Task<Out>: Task<Out>(Context&) or Task<Out>(Context&,
// In)
int define_no_task(Engine& engine) {
  return engine.define("a", no_task).create({.params = "order"}).wait();
}

Task<int> two_inputs(Context&, std::string order, int cents) {
  co_return static_cast<int>(order.size()) + cents;
}
// says: a workflow takes one input at most: put the values into a struct, Task<Out>(Context&, In)
void define_two_inputs(Engine& engine) {
  engine.define("a", two_inputs).create({.params = {"order", 1}});
}

Task<int> by_reference(Context&, const std::string& order) {
  co_return static_cast<int>(order.size());
}
// says: a workflow function takes its input by value: the caller's object is gone after a crash
void define_by_reference(Engine& engine) {
  engine.define("a", by_reference).create({.params = "order"});
}

// says: the call operator of a workflow must be const, as its instances run side by side
void define_mutable(Engine& engine) {
  engine.define("a", [sum = 0](Context&, int cents) mutable -> Task<int> { co_return sum += cents; });
}

// says: a workflow is one function or callable object, neither overloaded nor generic
void define_generic(Engine& engine) {
  engine.define("a", [](auto&, int cents) -> Task<int> { co_return cents; });
}
