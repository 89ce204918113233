#pragma once

#include "tests/crash/death.hpp"
#include "tests/forwarding_store.hpp"

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace cairn::testing {

// A store with a named point before and after every call, by what it is about: "commit.pause.before",
// "load.after". It also sets the scene for what the calls lead to: the first groups after `recover` are
// "recovery", groups before are "definition"; those that sweep, make a batch or restart an
// instance are named after that, all others are "commit".
class MortalCalls final : public ForwardingStore {
 public:
  MortalCalls(std::unique_ptr<Store> store, Death& death)
      : ForwardingStore{std::move(store)}, death_{death} {}

  // What the changes of a group are about; one `Advance` may be about several things.
  using Words = std::set<std::string>;

  // The engine is about to start.
  void recover() { groups_of_recovery_ = 4; }

  std::vector<Outcome> apply(std::span<const Change> group, Time now) override;
  [[nodiscard]] std::vector<std::optional<History>> load(std::span<const Key> keys,
                                                         std::size_t output_bytes) override;
  bool maintain(Demand demand) override;

 protected:
  [[nodiscard]] const Store& read() const override;

 private:
  [[nodiscard]] std::string_view scene_of(const Words& words);

  Death& death_;
  std::atomic<int> groups_of_recovery_{-1};  // those to come; -1: the engine has not started
};

}  // namespace cairn::testing
