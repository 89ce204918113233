#include "tests/crash/storm/client.hpp"

#include "tests/crash/storm/workflows.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace cairn::testing {

using namespace std::chrono_literals;

namespace {

constexpr Duration moment = 3ms;  // how long an instance that expires is kept

std::vector<NewInstance<json>> batch_of(const Act& act) {
  Retention retention;
  if (act.expires) retention = {.success = moment, .error = moment};
  std::vector<NewInstance<json>> batch;
  for (const std::string& id : act.ids)
    batch.push_back({.id = id, .params = act.number, .retention = retention});
  return batch;
}

bool is_paused(Status status) {
  return status == Status::paused || status == Status::waiting_for_pause;
}

[[noreturn]] void complain(const std::string& id, const std::string& what) {
  throw std::runtime_error(id + " " + what);
}

}  // namespace

StormClient::StormClient(Engine& engine, Journal& journal, Death& death, int number, int life,
                         std::uint64_t seed, const std::vector<Act>& past)
    : engine_{engine}, journal_{journal}, death_{death}, number_{number}, life_{life}, random_{seed} {
  for (const Act& act : past) {
    if (act.client == number) remember(act);
  }
}

void StormClient::remember(const Act& act) {
  if (act.kind == Act::Kind::create) {
    if (!act.expires) last_batch_ = act;
    for (const std::string& id : act.ids) {
      const bool is_new = std::none_of(known_.begin(), known_.end(),
                                       [&](const Known& k) { return k.id == id; });
      // A program that died before it was told looks whether it was done.
      const bool is_there = act.outcome == Act::Outcome::done ||
                            engine_.workflow(act.workflow).find(id).has_value();
      if (is_new && is_there) known_.push_back({.id = id, .workflow = act.workflow, .expires = act.expires});
    }
    return;
  }
  for (Known& known : known_) {
    if (known.id != act.ids.front()) continue;
    if (act.kind == Act::Kind::pause) known.paused = true;
    if (act.kind == Act::Kind::resume || act.kind == Act::Kind::restart) known.paused = false;
  }
}

void StormClient::run(int acts) {
  for (int i = 0; i < acts; ++i) act();
}

void StormClient::act() {
  const std::size_t kind = chance(20);
  if (kind < 2 || known_.empty()) return create(1);
  if (kind < 5) return create(2 + chance(5));
  if (kind < 6) return create_again();
  if (kind < 7) {
    engine_.sweep();
    return death_.at("client.swept");
  }
  Known* const known = some(kind >= 16);
  if (known == nullptr) return create(1);
  if (kind < 8) return read(*known);
  if (kind < 12) return send(*known);
  if (kind < 14) return control(*known, Act::Kind::pause);
  if (kind < 15) return control(*known, Act::Kind::terminate);
  if (kind < 16) return control(*known, Act::Kind::restart);
  return control(*known, Act::Kind::resume);
}

void StormClient::create(std::size_t rows) {
  const auto names = StormWorkflows::names();
  Act act{
      .client = number_, .workflow = names[chance(names.size())], .number = static_cast<int>(chance(100))};
  act.expires = chance(3) == 0;
  for (std::size_t i = 0; i < rows; ++i) {
    act.ids.push_back("c" + std::to_string(number_) + "-" + std::to_string(life_) + "-" +
                      std::to_string(++ids_));
  }
  const bool created = ask(act, [&] {
    auto workflow = engine_.workflow(act.workflow);
    if (rows == 1) {
      static_cast<void>(workflow.create(batch_of(act).front()));
    } else if (workflow.create_batch(batch_of(act)).created.size() != rows) {
      complain(act.ids.front(), "was created in part");
    }
  });
  if (!created) complain(act.ids.front(), "could not be created");
  act.outcome = Act::Outcome::done;
  remember(act);
  for (const std::string& id : act.ids) {
    if (!act.expires && !engine_.workflow(act.workflow).find(id))
      complain(id, "was created, and is not there");
  }
}

// What a caller does that does not know what came of its call: it makes it again.
void StormClient::create_again() {
  if (!last_batch_) return;
  const Act act = *last_batch_;
  ask(act, [&] {
    const BatchResult result = engine_.workflow(act.workflow).create_batch(batch_of(act));
    if (act.outcome == Act::Outcome::done && !result.created.empty())
      complain(result.created.front().id, "was acknowledged, and is created again");
    if (!result.created.empty() && !result.skipped.empty())
      complain(result.created.front().id, "was in a batch that was created in part");
  });
  last_batch_->outcome = Act::Outcome::done;
  remember(*last_batch_);
}

void StormClient::send(Known& known) {
  const int number = life_ * 1'000 + ++events_;
  ask({.kind = Act::Kind::send, .client = number_, .ids = {known.id}, .number = number}, [&] {
    handle(known).send_event("go", {{"more", 11}, {"number", number}});
  });
}

void StormClient::control(Known& known, Act::Kind kind) {
  const bool done = ask({.kind = kind, .client = number_, .ids = {known.id}}, [&] {
    const Instance<json> instance = handle(known);
    if (kind == Act::Kind::pause) instance.pause();
    if (kind == Act::Kind::resume) instance.resume();
    if (kind == Act::Kind::terminate) instance.terminate();
    if (kind == Act::Kind::restart) instance.restart();
  });
  if (kind == Act::Kind::pause) known.paused = done;
  if (kind == Act::Kind::resume || kind == Act::Kind::restart) known.paused = false;
  if (done) look_after(known, kind);
}

// Whoever was told reads what it was told.
void StormClient::look_after(const Known& known, Act::Kind kind) {
  const auto instance = engine_.workflow(known.workflow).find(known.id);
  if (!instance) {
    if (!known.expires || kind == Act::Kind::pause) complain(known.id, "is gone");
    return;
  }
  Status status{};
  try {
    status = instance->status();
  } catch (const Error& error) {
    if (known.expires && error.code() == Errc::instance_not_found) return;  // swept a moment ago
    throw;
  }
  const std::string found = " is " + std::string{to_string(status)};
  if (kind == Act::Kind::pause && !is_paused(status)) complain(known.id, "was paused, and" + found);
  if (kind == Act::Kind::resume && is_paused(status)) complain(known.id, "was resumed, and" + found);
  if (kind == Act::Kind::restart && is_paused(status)) complain(known.id, "was restarted, and" + found);
  if (kind == Act::Kind::terminate && status != Status::terminated)
    complain(known.id, "was terminated, and" + found);
}

void StormClient::read(const Known& known) {
  try {
    static_cast<void>(handle(known).describe());
    static_cast<void>(engine_.workflow(known.workflow).list({.limit = 5}));
  } catch (const Error& error) {
    if (error.code() != Errc::instance_not_found || !known.expires) throw;
  }
}

void StormClient::bring_to_an_end() {
  for (Known& known : known_) {
    if (!engine_.workflow(known.workflow).find(known.id)) continue;
    control(known, Act::Kind::resume);
    for (int i = 0; i < StormWorkflows::events_wanted(known.workflow); ++i) send(known);
    try {
      static_cast<void>(handle(known).wait_for(1min));
    } catch (const InstanceError&) {  // an end as well
    } catch (const Error& error) {
      if (error.code() != Errc::instance_not_found || !known.expires) throw;
    }
  }
}

template <class Call>
bool StormClient::ask(Act act, Call&& call) {
  const std::string point = "client." + std::string{to_string(act.kind)};
  journal_.invoke(act);
  death_.at(point + ".before");
  try {
    call();
  } catch (const Error& error) {
    if (error.code() == Errc::store_failed || error.code() == Errc::outcome_unknown) throw;
    journal_.refused(number_, to_string(error.code()));
    death_.at(point + ".refused");
    return false;
  }
  death_.at(point + ".after");
  journal_.done(number_);
  death_.at(point + ".acknowledged");
  return true;
}

Instance<json> StormClient::handle(const Known& known) const {
  return engine_.workflow(known.workflow).get(known.id);
}

// One of its instances, of the latest rather than of the first.
StormClient::Known* StormClient::some(bool paused) {
  std::vector<Known*> candidates;
  for (Known& known : known_) {
    if (known.paused == paused) candidates.push_back(&known);
  }
  if (candidates.empty()) return nullptr;
  const std::size_t from_the_end = std::min(chance(candidates.size()), chance(candidates.size()));
  return candidates[candidates.size() - 1 - from_the_end];
}

std::size_t StormClient::chance(std::size_t below) {
  return std::uniform_int_distribution<std::size_t>{0, below - 1}(random_);
}

}  // namespace cairn::testing
