#include "tests/stress/text_calls.hpp"

#include <string>
#include <utility>

namespace cairn::testing {

namespace {

NewInstance<JsonText> as_text(const NewInstance<int>& instance) {
  return {.id = instance.id, .params = JsonText{instance.params}, .retention = instance.retention};
}

// Text goes to a workflow without types, which only the engine gives. Without an engine there is nobody to
// ask.
template <class Function>
std::optional<Errc> call_untyped(Turn& turn, Kind kind, Call call, std::initializer_list<Errc> allowed,
                                 Function&& function) {
  std::optional<Errc> refusal = Errc::engine_stopped;
  turn.life->visit([&](const Engine& engine) {
    refusal = turn.witness.call(call, allowed, [&] {
      Workflow<json, json> workflow = engine.workflow(name_of(kind));
      function(workflow);
    });
  });
  return refusal;
}

}  // namespace

std::optional<Errc> create(Turn& turn, Kind kind, NewInstance<int> instance,
                           std::initializer_list<Errc> allowed, std::optional<Instance<int>>& made) {
  if (turn.dice.one_in(4)) {
    NewInstance<JsonText> text = as_text(instance);
    const bool keeps = turn.dice.one_in(2);
    return call_untyped(turn, kind, Call::create_text, allowed, [&](Workflow<json, json>& workflow) {
      keeps ? static_cast<void>(workflow.create_text(text))
            : static_cast<void>(workflow.create_text(std::move(text)));
    });
  }
  Workflow<int, int> workflow = turn.life->workflows().of(kind);
  return turn.witness.call(Call::create, allowed, [&] { made = workflow.create(std::move(instance)); });
}

std::optional<Errc> create_batch(Turn& turn, Kind kind, std::vector<NewInstance<int>> batch,
                                 const BatchOptions& options, std::initializer_list<Errc> allowed,
                                 BatchResult& result) {
  if (turn.dice.one_in(2)) {
    std::vector<NewInstance<JsonText>> texts;
    for (const NewInstance<int>& one : batch) texts.push_back(as_text(one));
    return call_untyped(turn, kind, Call::create_batch_text, allowed, [&](Workflow<json, json>& workflow) {
      result = workflow.create_batch_text(std::move(texts), options);
    });
  }
  Workflow<int, int> workflow = turn.life->workflows().of(kind);
  return turn.witness.call(Call::create_batch, allowed,
                           [&] { result = workflow.create_batch(std::move(batch), options); });
}

std::optional<Errc> send_go(Turn& turn, const Instance<int>& instance, int n,
                            std::initializer_list<Errc> allowed) {
  const int said = payload_of(n);
  if (turn.dice.one_in(3))
    return turn.witness.call(Call::send_event_text, allowed,
                             [&] { instance.send_event_text("go", JsonText{said}); });
  return turn.witness.call(Call::send_event, allowed, [&] { instance.send_event("go", said); });
}

}  // namespace cairn::testing
