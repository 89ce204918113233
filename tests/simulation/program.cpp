#include "tests/simulation/program.hpp"

#include "tests/simulation/dice.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;

// ------------------------------------------------------------------------------------------------ making

constexpr int depth_max = 2;

class Writer {
 public:
  Writer(std::uint64_t number, bool may_create) : dice_{number}, may_create_{may_create} {}

  Block block(int depth) {
    Block block;
    for (std::size_t left = 1 + dice_.pick(depth == 0 ? 5 : 3); left > 0; --left)
      block.push_back(node(depth));
    return block;
  }

 private:
  Node node(int depth) {
    static constexpr std::size_t weights[] = {10, 1, 3, 1, 4, 2, 1, 1, 1};
    Node node{.kind = static_cast<Node::Kind>(dice_.weighted(weights))};
    const bool ends_all = node.kind == Node::Kind::fail || node.kind == Node::Kind::give_up;
    if (ends_all && (depth > 0 || !dice_.one_in(3))) node.kind = Node::Kind::step;
    if (node.kind == Node::Kind::branches && depth >= depth_max) node.kind = Node::Kind::sleep;
    if (node.kind == Node::Kind::create && !may_create_) node.kind = Node::Kind::step;
    fill(node, depth);
    return node;
  }

  void fill(Node& node, int depth) {
    static constexpr const char* names[] = {"a", "b", "c"};
    static constexpr const char* events[] = {"go", "stop"};
    node.name = dice_.any_of(names);
    node.options = options();
    switch (node.kind) {
      case Node::Kind::sleep:
      case Node::Kind::sleep_until:
        node.span = dice_.one_in(12) ? Duration{0} : dice_.span(48h);
        node.name = "nap" + std::to_string(node.span.count());
        break;
      case Node::Kind::wait:
        node.span = dice_.span(24h);
        node.event = dice_.any_of(events);
        node.name = "wait" + std::to_string(node.span.count());
        break;
      case Node::Kind::branches:
        for (std::size_t left = 2 + dice_.pick(2); left > 0; --left)
          node.branches.push_back(block(depth + 1));
        break;
      case Node::Kind::create:
        node.name = creating_step;
        break;
      case Node::Kind::map:
        node.elements = dice_.pick(4);
        break;
      default:
        break;
    }
  }

  StepOptions options() {
    StepOptions options;
    options.retries.limit = static_cast<std::uint32_t>(dice_.pick(4));
    options.retries.delay = dice_.one_in(4) ? Duration{0} : dice_.span(1h);
    options.retries.backoff = static_cast<Backoff>(dice_.pick(3));
    options.timeout = dice_.one_in(4) ? dice_.span(10min) : 1h;
    options.crash_limit = static_cast<std::uint32_t>(dice_.one_in(4) ? dice_.pick(3) : 10);
    return options;
  }

  Dice dice_;
  bool may_create_;
};

// ----------------------------------------------------------------------------------------------- running

std::string entry_of(const StepError& error) {
  return "!" + error.name() + ";";
}

Task<std::string> run_step(Context& ctx, const Node* node, Bodies* bodies) {
  std::string entry;
  const auto body = [node, bodies](StepContext& step) { return bodies->run(*node, step); };
  try {
    entry = co_await ctx.step(node->name, node->options, body);
    entry += ";";
  } catch (const StepError& error) {
    entry = entry_of(error);
  }
  co_return entry;
}

Task<std::string> run_sleep(Context& ctx, const Node* node) {
  if (node->kind == Node::Kind::sleep) {
    co_await ctx.sleep(node->name, node->span);
  } else {
    co_await ctx.sleep_until(node->name, ctx.created() + node->span);
  }
  co_return std::string{};
}

Task<std::string> run_wait(Context& ctx, const Node* node) {
  std::string entry;
  const EventOptions options{.type = node->event, .timeout = node->span};
  try {
    Event event = co_await ctx.wait_for_event(node->name, options);
    entry = event.payload.dump() + ";";
  } catch (const StepError& error) {
    entry = entry_of(error);
  }
  co_return entry;
}

Task<std::string> run_map(Context& ctx, const Node* node, Bodies* bodies) {
  std::string text;
  const std::vector<std::size_t> elements(node->elements);
  const auto body = [node, bodies](std::size_t, StepContext& step) { return bodies->run(*node, step); };
  try {
    std::vector<std::string> entries = co_await ctx.map(node->name, node->options, elements, body);
    for (const std::string& entry : entries) text += entry + ";";
  } catch (const StepError&) {
    text = "*;";  // the others' results are lost to the program
  }
  co_return text;
}

Task<std::string> run_block(Context& ctx, const Block* block, Bodies* bodies);

Task<std::string> run_branches(Context& ctx, const Node* node, Bodies* bodies) {
  std::vector<Task<std::string>> branches;
  for (const Block& branch : node->branches) branches.push_back(run_block(ctx, &branch, bodies));
  std::vector<std::string> texts = co_await all(std::move(branches));
  std::string whole;
  for (const std::string& text : texts) whole += text;
  co_return whole;
}

Task<std::string> run_node(Context& ctx, const Node* node, Bodies* bodies) {
  switch (node->kind) {
    case Node::Kind::sleep:
    case Node::Kind::sleep_until:
      return run_sleep(ctx, node);
    case Node::Kind::wait:
      return run_wait(ctx, node);
    case Node::Kind::branches:
      return run_branches(ctx, node, bodies);
    case Node::Kind::map:
      return run_map(ctx, node, bodies);
    default:
      return run_step(ctx, node, bodies);
  }
}

Task<std::string> run_block(Context& ctx, const Block* block, Bodies* bodies) {
  std::string text;
  for (const Node& node : *block) {
    bodies->come_to_node();
    if (node.kind == Node::Kind::fail) throw std::runtime_error{"the program fails"};
    if (node.kind == Node::Kind::give_up) throw NonRetryableError{"the program gives up"};
    std::string part = co_await run_node(ctx, &node, bodies);
    text += part;
  }
  co_return text;
}

std::vector<std::string> sorted(std::vector<std::string> entries) {
  std::ranges::sort(entries);
  return entries;
}

}  // namespace

Block random_program(const Params& params) {
  return Writer{params.program, params.may_create}.block(0);
}

Task<std::string> Interpreter::operator()(Context& ctx, Params params) const {
  const Block program = author(params);
  std::string text = co_await run_block(ctx, &program, bodies);
  co_return text;
}

std::vector<std::string> entries_of(const History& history) {
  std::vector<std::string> entries;
  for (const StepRow& step : history.steps) {
    if (step.kind == StepKind::sleep) continue;
    if (step.error) {
      entries.push_back("!" + step.error->name);
    } else if (step.kind == StepKind::wait_for_event) {
      entries.push_back(parse_json(step.output).at("payload").dump());
    } else {
      entries.push_back(parse_json(step.output).get<std::string>());
    }
  }
  return sorted(std::move(entries));
}

std::vector<std::string> entries_of(const std::string& output) {
  std::vector<std::string> entries;
  const std::string text = parse_json(output).get<std::string>();
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find(';', begin);
    entries.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return sorted(std::move(entries));
}

}  // namespace cairn::testing
