#include "tests/crash/storm/mortal_calls.hpp"

#include "tests/crash/storm/scene.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace cairn::testing {
namespace {

using Words = MortalCalls::Words;

void add_words(const Define&, Words& words) {
  words.insert("define");
}
void add_words(const CreateBatch& change, Words& words) {
  words.insert(change.rows.size() > 1 ? "batch" : "create");
}
void add_words(const SendEvent&, Words& words) {
  words.insert("send");
}
void add_words(const Control& change, Words& words) {
  constexpr std::string_view commands[] = {"pause", "resume", "terminate", "restart"};
  words.emplace(commands[static_cast<std::size_t>(change.command)]);
}
void add_words(const Advance& change, Words& words) {
  if (change.enter) words.insert("enter_" + std::string{to_string(*change.enter)});
  for (const StepResult& result : change.results) {
    words.insert(result.interrupted ? "interruption" : result.ended_seq ? "result" : "failure");
  }
  if (!change.starts.empty()) words.insert("step");
  if (!change.attempts.empty()) words.insert("attempt");
  if (change.leave) words.insert("leave_" + std::string{to_string(*change.leave)});
}
void add_words(const Sweep&, Words& words) {
  words.insert("sweep");
}
void add_words(const MoveClock&, Words& words) {
  words.insert("clock");
}

Words words_of(std::span<const Change> group) {
  Words words;
  for (const Change& any : group) std::visit([&](const auto& change) { add_words(change, words); }, any);
  return words;
}

}  // namespace

std::string_view MortalCalls::scene_of(const Words& words) {
  int left = groups_of_recovery_;
  if (left < 0) return "definition";
  if (left > 0 && groups_of_recovery_.compare_exchange_strong(left, left - 1)) return "recovery";
  for (const char* scene : {"sweep", "batch", "restart"}) {
    if (words.contains(scene)) return scene;
  }
  return "commit";
}

std::vector<Outcome> MortalCalls::apply(std::span<const Change> group, Time now) {
  const Words words = words_of(group);
  const Scene scene{scene_of(words)};
  const std::string prefix = std::string{Scene::current()} + ".";
  for (const std::string& word : words) death_.at(prefix + word + ".before");
  std::vector<Outcome> outcomes = ForwardingStore::apply(group, now);
  for (const std::string& word : words) death_.at(prefix + word + ".after");
  return outcomes;
}

std::vector<std::optional<History>> MortalCalls::load(std::span<const Key> keys, std::size_t output_bytes) {
  const Scene scene{"load"};
  death_.at("load.before");
  auto histories = ForwardingStore::load(keys, output_bytes);
  death_.at("load.after");
  return histories;
}

bool MortalCalls::maintain(Demand demand) {
  const Scene scene{"maintenance"};
  const std::string prefix = demand == Demand::busy ? "maintenance.busy." : "maintenance.quiet.";
  death_.at(prefix + "before");
  const bool more = ForwardingStore::maintain(demand);
  death_.at(prefix + "after");
  return more;
}

const Store& MortalCalls::read() const {
  death_.at("read.before");
  return ForwardingStore::read();
}

}  // namespace cairn::testing
