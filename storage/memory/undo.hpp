#pragma once

#include <memory>
#include <utility>
#include <vector>

namespace cairn::memory {

// How to take back what a group has changed so far. What it needs memory for is asked for beforehand, so
// that taking back cannot fail.
class Undo {
 public:
  // Before a change: `back`, which must not throw, takes it back, also when the change was not made after
  // all. Answers it where it is kept, for what the change replaces. Throws `std::bad_alloc`: nothing was
  // kept.
  template <class Back>
  Back& add(Back back) {
    auto entry = std::make_unique<Kept<Back>>(std::move(back));
    Back& kept = entry->back;
    entries_.push_back(std::move(entry));
    return kept;
  }

  // The last change first.
  void take_back() noexcept {
    for (; !entries_.empty(); entries_.pop_back()) entries_.back()->take_back();
  }
  void forget() noexcept { entries_.clear(); }

 private:
  struct Entry {
    virtual ~Entry() = default;
    virtual void take_back() noexcept = 0;
  };
  template <class Back>
  struct Kept final : Entry {
    explicit Kept(Back given) : back(std::move(given)) {}
    void take_back() noexcept override { back(); }
    Back back;
  };

  std::vector<std::unique_ptr<Entry>> entries_;
};

}  // namespace cairn::memory
