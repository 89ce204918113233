#include "engine/threads/inbox.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cairn::engine {

namespace {

// At least twice as much as before, so that each is moved a bounded number of times.
template <class Element>
void reserve(std::vector<Element>& elements, std::size_t wanted) {
  if (elements.capacity() < wanted) elements.reserve(std::max(wanted, 2 * elements.capacity()));
}

}  // namespace

Inbox::Inbox() {
  make_room();
}

void Inbox::make_room(std::size_t inputs) {
  reserve(inputs_, inputs_.size() + inputs + 1);  // one for a halt
}

void Inbox::expect(std::size_t results) {
  reserve(results_, results_.size() + expected_ + results);
  expected_ += results;
}

void Inbox::put(Input&& input) {
  if (auto* const result = std::get_if<BodyDone>(&input)) {
    --expected_;
    results_.push_back(std::move(*result));
  } else if (std::holds_alternative<Halt>(input)) {
    halts_ = true;
  } else {
    inputs_.push_back(std::move(input));
  }
}

std::vector<BodyDone> Inbox::take_results(std::size_t most) {
  const auto first = results_.begin() + static_cast<std::ptrdiff_t>(heard_);
  const std::size_t count = std::min(most, results());
  std::vector<BodyDone> taken;
  taken.reserve(count);
  taken.insert(taken.end(), std::make_move_iterator(first),
               std::make_move_iterator(first + static_cast<std::ptrdiff_t>(count)));
  heard_ += count;
  if (2 * heard_ >= results_.size()) {
    results_.erase(results_.begin(), results_.begin() + static_cast<std::ptrdiff_t>(heard_));
    heard_ = 0;
  }
  return taken;
}

std::vector<Input> Inbox::take_inputs() noexcept {
  // Where there was no memory for its room, it is taken the next time.
  if (halts_ && inputs_.size() < inputs_.capacity()) {
    inputs_.emplace_back(Halt{});
    halts_ = false;
  }
  return std::exchange(inputs_, {});
}

}  // namespace cairn::engine
