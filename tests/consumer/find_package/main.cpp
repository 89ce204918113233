// A host program, as small as one can be: defines a workflow, runs an instance of it, and reads its output.

#include <cairn/cairn.hpp>

#include <cstdio>
#include <string>

cairn::Task<std::string> greet(cairn::Context& ctx, std::string name) {
  std::string greeting = co_await ctx.step("greet", [&] { return "hello, " + name; });
  co_return greeting;
}

int main() {
  cairn::Engine engine{cairn::open_sqlite(":memory:")};
  auto greetings = engine.define("greetings", greet);
  engine.start();
  const std::string greeting = greetings.create({.id = "first", .params = "stranger"}).wait();
  std::puts(greeting.c_str());
  return greeting == "hello, stranger" ? 0 : 1;
}
