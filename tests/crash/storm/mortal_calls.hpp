#pragma once

#include "tests/crash/death.hpp"
#include "tests/forwarding_store.hpp"

#include <atomic>
#include <memory>
#include <utility>

namespace cairn::testing {

// A store with a named point before and after every call, by what it is about: "commit.pause.before",
// "load.after". It also sets the scene for what the calls lead to: the first groups after `recover` are
// "recovery", groups before are "definition", those that sweep are "sweep", all others "commit".
class MortalCalls final : public ForwardingStore {
 public:
  MortalCalls(std::unique_ptr<Store> store, Death& death)
      : ForwardingStore{std::move(store)}, death_{death} {}

  // The engine is about to start.
  void recover() { groups_of_recovery_ = 4; }

  std::vector<Outcome> apply(std::span<const Change> group, Time now) override;
  [[nodiscard]] std::vector<std::optional<History>> load(std::span<const Key> keys) override;
  bool maintain(Demand demand) override;

 protected:
  [[nodiscard]] const Store& read() const override;

 private:
  [[nodiscard]] std::string_view scene_of(std::span<const Change> group);

  Death& death_;
  std::atomic<int> groups_of_recovery_{-1};  // those to come; -1: the engine has not started
};

}  // namespace cairn::testing
