#pragma once

#include "tests/forwarding_store.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace cairn::testing {

// Where a host program kills itself: at a named point, when it comes there for the n-th time.
class Death {
 public:
  Death() = default;
  // `text`: such as "after_commit:17". Throws when it is not of that form.
  explicit Death(const std::string& text);

  // The program has come to that point. Any thread.
  void at(std::string_view point) noexcept;

  // From now on every visit is counted, of any point.
  void count_visits() { counts_ = true; }
  [[nodiscard]] std::map<std::string, int, std::less<>> visits() const;

 private:
  std::string point_;
  int at_visit_ = 0;
  std::atomic<int> visits_ = 0;
  bool counts_ = false;
  mutable std::mutex mutex_;
  std::map<std::string, int, std::less<>> visits_of_;
};

// A store whose program may die in front of a commit or right behind it.
class MortalStore final : public ForwardingStore {
 public:
  MortalStore(std::unique_ptr<Store> store, Death& death)
      : ForwardingStore{std::move(store)}, death_{death} {}

  std::vector<Outcome> apply(std::span<const Change> group, Time now) override {
    death_.at("before_commit");
    std::vector<Outcome> outcomes = ForwardingStore::apply(group, now);
    death_.at("after_commit");
    return outcomes;
  }
  bool maintain(Demand demand) override {
    const bool more = ForwardingStore::maintain(demand);
    death_.at("after_maintain");
    return more;
  }

 private:
  Death& death_;
};

}  // namespace cairn::testing
