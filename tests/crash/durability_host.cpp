// The program whose system calls the durability test reads. Usage: durability_host FILE
//
// It says "ack WORD" on its standard output, in one write, when it was promised that what WORD stands in is
// durable: the id of a created instance; the name of a step, when its body begins; the result of a step, when
// the next body begins; an output, when waiting for it has returned.

#include <cairn/cairn.hpp>

#include <unistd.h>

#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace cairn::testing {
namespace {

constexpr int clients = 4;
constexpr int batches_each = 10;

void acknowledge(const std::string& word) {
  const std::string line = "ack " + word + "\n";
  if (::write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    throw std::runtime_error("cannot write to standard output");
  }
}

Task<std::string> promise(Context& ctx, int) {
  const std::string number = ctx.instance_id().substr(ctx.instance_id().find('-') + 1);
  const std::string first_name = "first-" + number;
  const std::string result = co_await ctx.step(first_name, [&] {
    acknowledge(first_name);
    return "result-" + number;
  });
  const std::string second_name = "second-" + number;
  co_await ctx.step(second_name, [&] {
    acknowledge(second_name);
    acknowledge(result);
  });
  co_return "output-" + number;
}

void be_client(Workflow<int, std::string> workflow, int client) {
  for (int i = 0; i < batches_each; ++i) {
    const int number = 1'000 + 2 * (client * batches_each + i);
    const BatchResult batch = workflow.create_batch(
        {{.id = "made-" + std::to_string(number), .params = i},
         {.id = "made-" + std::to_string(number + 1), .params = i}});
    for (const CreatedInstance& created : batch.created) acknowledge(created.id);
    for (const CreatedInstance& created : batch.created) acknowledge(workflow.get(created.id).wait());
  }
}

void run(const char* file) {
  // A small log, so that there are checkpoints.
  Engine engine{open_sqlite(file, {.wal_bytes_max = std::size_t{256} << 10}), {.workers = clients}};
  const auto workflow = engine.define("promise", promise);
  engine.start();
  std::vector<std::jthread> threads;
  for (int client = 0; client < clients; ++client) threads.emplace_back(be_client, workflow, client);
  threads.clear();
  if (!engine.stop(std::chrono::minutes{1})) throw std::runtime_error("it did not come to rest");
}

}  // namespace
}  // namespace cairn::testing

int main(int argc, char** argv) {
  try {
    if (argc != 2) throw std::runtime_error("usage: durability_host FILE");
    cairn::testing::run(argv[1]);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "durability_host: " << error.what() << '\n';
    return 1;
  }
}
