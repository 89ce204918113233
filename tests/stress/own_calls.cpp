#include "tests/stress/own_calls.hpp"

#include "tests/stress/text_calls.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>

namespace cairn::testing {

namespace {

using std::chrono::steady_clock;

// As a batch must answer: those that were made, in their order, and the others.
void judge_batch(const Turn& turn, const BatchResult& result, const std::vector<std::string>& fresh,
                 std::size_t repeated) {
  const bool in_order = std::ranges::equal(
      result.created, fresh, [](const CreatedInstance& one, const std::string& id) { return one.id == id; });
  if (!in_order) turn.witness.report(Call::create_batch, "did not make what was asked for");
  const bool skips = std::ranges::all_of(result.skipped, [&](const SkippedInstance& one) {
    return one.code == Errc::duplicate_in_batch && one.index >= fresh.size();
  });
  if (!skips || result.skipped.size() != repeated)
    turn.witness.report(Call::create_batch, "skipped other entries than those that stand there twice");
}

}  // namespace

OwnInstance OwnCalls::next(Kind kind, int n, bool passes) {
  return {"own-" + std::to_string(thread_) + "-" + std::to_string(made_++), kind, n, passes};
}

// A parent holds a slot while it waits for its child, and there are few slots.
OwnInstance OwnCalls::next(Turn& turn) {
  Kind kind{static_cast<std::uint8_t>(turn.dice.pick(kinds))};
  const bool has_parent = std::ranges::any_of(
      instances_, [](const OwnInstance& one) { return one.kind() == Kind::parent; });
  if (kind == Kind::parent && has_parent) kind = Kind::sleeper;
  return next(kind, static_cast<int>(turn.dice.pick(1'000)), !turn.dice.one_in(50));
}

OwnInstance& OwnCalls::some(Turn& turn) {
  return *std::next(instances_.begin(), static_cast<std::ptrdiff_t>(turn.dice.pick(instances_.size())));
}

void OwnCalls::act(Turn& turn) {
  while (instances_.size() > most && end_oldest(turn)) continue;
  if (instances_.empty()) return make(turn);
  static constexpr std::array<std::size_t, 8> weights{10, 4, 2, 16, 12, 10, 3, 6};
  OwnInstance& one = some(turn);
  switch (turn.dice.weighted(weights)) {
    case 0:
      return make(turn);
    case 1:
      return make_batch(turn);
    case 2:
      return make_refused_batch(turn);
    case 3:
      return control(turn);
    case 4:
      return look(turn);
    case 5:
      return turn.dice.one_in(2) ? one.send_go(turn) : one.post_go(turn);
    case 6:
      return one.create_again(turn);
    default:
      end_oldest(turn);
  }
}

void OwnCalls::one_from_its_beginning_to_its_end(Turn& turn, bool pauses) {
  OwnInstance one = next(Kind::paces, static_cast<int>(turn.dice.pick(1'000)), true);
  if (!one.create(turn)) return;
  one.send_go(turn);
  if (pauses) {
    one.pause(turn);
    one.resume(turn);
  }
  if (one.bring_to_its_end(turn)) {
    ++ended_;
  } else {
    keep(std::move(one));
  }
}

void OwnCalls::finish(Turn& turn) {
  while (!instances_.empty() && end_oldest(turn)) continue;
}

bool OwnCalls::end_oldest(Turn& turn) {
  if (!instances_.front().bring_to_its_end(turn)) return false;
  ++ended_;
  instances_.pop_front();
  return true;
}

void OwnCalls::make(Turn& turn) {
  OwnInstance one = next(turn);
  if (one.create(turn)) keep(std::move(one));
}

void OwnCalls::make_batch(Turn& turn) {
  const Kind kind{static_cast<std::uint8_t>(turn.dice.pick(static_cast<std::size_t>(Kind::parent)))};
  std::list<OwnInstance> fresh;
  std::vector<NewInstance<int>> batch;
  std::vector<std::string> ids;
  for (std::size_t i = 1 + turn.dice.pick(6); i > 0; --i) {
    const OwnInstance& one = fresh.emplace_back(next(kind, static_cast<int>(i), !turn.dice.one_in(50)));
    batch.push_back(one.as_new());
    ids.push_back(one.id());
  }
  const std::size_t repeated = turn.dice.pick(2);
  if (repeated > 0) batch.push_back(batch.front());
  const auto asked = steady_clock::now();
  BatchResult result;
  if (create_batch(turn, kind, std::move(batch), {}, {}, result)) return;
  judge_batch(turn, result, ids, repeated);
  for (OwnInstance& one : fresh) one.made(asked);
  instances_.splice(instances_.end(), fresh);
}

// All or none.
void OwnCalls::make_refused_batch(Turn& turn) {
  const OwnInstance one = next(Kind::sleeper, 1, true);
  std::vector<NewInstance<int>> batch{one.as_new(), one.as_new()};
  BatchResult result;
  const auto refusal = create_batch(turn, Kind::sleeper, std::move(batch), {.on_conflict = OnConflict::fail},
                                    {Errc::duplicate_in_batch}, result);
  if (!refusal) turn.witness.report(Call::create_batch, "made an id that stands there twice");
  const Workflow<int, int> workflow = turn.life->workflows().of(Kind::sleeper);
  std::optional<Instance<int>> found;
  turn.witness.call(Call::find, {}, [&] { found = workflow.find(one.id()); });
  if (found) turn.witness.report(Call::create_batch, "was refused, and made a part of it");
}

void OwnCalls::control(Turn& turn) {
  OwnInstance& one = some(turn);
  switch (turn.dice.pick(12)) {
    case 0:
      return one.terminate(turn);
    case 1:
      return one.restart(turn);
    case 2:
      one.terminate(turn);
      return one.restart(turn);
    case 3:
    case 4:
    case 5:
    case 6:
      return one.pause(turn);
    default:
      one.resume(turn);
  }
}

void OwnCalls::look(Turn& turn) {
  OwnInstance& one = some(turn);
  switch (turn.dice.pick(5)) {
    case 0:
      return one.look(turn);
    case 1:
      return one.describe(turn);
    case 2:
      return one.describe_text(turn);
    case 3:
      return one.wait_a_while(turn, Duration{static_cast<std::int64_t>(turn.dice.pick(5))});
    default:
      one.watch(turn);
  }
}

}  // namespace cairn::testing
