#include "storage/memory/store.hpp"

#include <algorithm>
#include <utility>

// Rows, the indices beside them, and how both are taken back.
namespace cairn::memory {

MemoryStore::Place MemoryStore::place_of(const InstanceRow& row, const storage::Shift& shift) noexcept {
  Place place{.workflow = row.workflow, .key = row.key, .queued = row.status == Status::queued};
  if (row.wake_at) place.wake_at = saturating_add(*row.wake_at, shift.wakes);
  if (row.expires) place.expires = saturating_add(*row.expires, shift.ends);
  return place;
}

MemoryStore::Marks MemoryStore::marks_of(const Place& place) {
  Marks marks;
  if (place.queued) marks.queued.emplace(place.workflow, place.key);
  if (place.wake_at) marks.due.emplace(*place.wake_at, place.key);
  if (place.expires) marks.expiring.emplace(*place.expires, place.key);
  return marks;
}

MemoryStore::Marks MemoryStore::take_marks(const Place& place) noexcept {
  Marks marks;
  marks.queued.insert(queued_.extract({place.workflow, place.key}));
  if (place.wake_at) marks.due.insert(due_.extract({*place.wake_at, place.key}));
  if (place.expires) marks.expiring.insert(expiring_.extract({*place.expires, place.key}));
  return marks;
}

void MemoryStore::put(Marks& marks) noexcept {
  queued_.merge(marks.queued);
  due_.merge(marks.due);
  expiring_.merge(marks.expiring);
}

InstanceRow MemoryStore::row_of(const Instance& instance) const {
  InstanceRow row = instance.row;
  storage::move(row, clocks_.leaps().shift_of(instance.clock));
  return row;
}

StepRow MemoryStore::step_of(const Step& step) const {
  StepRow row = step.row;
  storage::move(row, step.clock, clocks_.leaps(), clocks_.moves_from());
  return row;
}

// `row` is what `row_of` gives afterwards. Where nothing but `modified` differs, the row is as it was written
// and by which clock. All or nothing.
void MemoryStore::keep(Instance& instance, InstanceRow row) {
  InstanceRow touched = row_of(instance);
  touched.modified = row.modified;
  if (row != touched) {
    keep_as_written(instance, std::move(row), clocks_.number());
  } else {
    touched = instance.row;
    touched.modified = row.modified;
    keep_as_written(instance, std::move(touched), instance.clock);
  }
}

// All or nothing.
void MemoryStore::keep_as_written(Instance& instance, InstanceRow row, std::int64_t clock) {
  struct Back {
    MemoryStore& store;
    Instance& instance;
    Place place = {};  // afterwards
    bool done = false;
    InstanceRow row = {};
    std::int64_t clock = 0;
    Marks marks = {};

    void operator()() noexcept {
      if (!done) return;
      static_cast<void>(store.take_marks(place));
      instance.row = std::move(row);
      instance.clock = clock;
      store.put(marks);
    }
  };
  const storage::Leaps& leaps = clocks_.leaps();
  const Place before = place_of(instance.row, leaps.shift_of(instance.clock));
  const Place after = place_of(row, leaps.shift_of(clock));
  Marks marks = marks_of(after);
  Back& back = undo_.add(Back{*this, instance, after});
  back.marks = take_marks(before);
  back.row = std::exchange(instance.row, std::move(row));
  back.clock = std::exchange(instance.clock, clock);
  put(marks);
  back.done = true;
}

// The times by which instances are found move with the clocks. All or nothing.
void MemoryStore::keep_clocks(storage::Clocks clocks) {
  struct Back {
    MemoryStore& store;
    storage::Clocks clocks;
    decltype(due_) due = {};
    decltype(expiring_) expiring = {};

    void operator()() noexcept {
      std::swap(store.clocks_, clocks);
      store.due_.swap(due);
      store.expiring_.swap(expiring);
    }
  };
  Back other{*this, std::move(clocks)};
  for (const auto& [key, instance] : instances_) {
    const Place place = place_of(instance.row, other.clocks.leaps().shift_of(instance.clock));
    if (place.wake_at) other.due.emplace(*place.wake_at, key);
    if (place.expires) other.expiring.emplace(*place.expires, key);
  }
  undo_.add(std::move(other))();
}

// All or nothing.
void MemoryStore::add(Instance instance) {
  const InstanceRow& row = instance.row;
  Marks marks = marks_of(place_of(row, {}));  // it is written by the present clock
  decltype(ids_) ids;
  const auto id = ids.emplace(std::pair{row.workflow, row.id}, row.key).first;
  decltype(instances_) instances;
  const auto added = instances.emplace(row.key, std::move(instance)).first;
  undo_.add([this, id, added] {
    static_cast<void>(take_marks(place_of(added->second.row, {})));
    ids_.erase(id);
    instances_.erase(added);
  });
  put(marks);
  ids_.merge(ids);
  instances_.merge(instances);
}

// All or nothing.
void MemoryStore::remove(Key key) {
  struct Back {
    MemoryStore& store;
    Marks marks = {};
    decltype(ids_)::node_type id = {};
    decltype(instances_)::node_type instance = {};

    void operator()() noexcept {
      store.put(marks);
      store.ids_.insert(std::move(id));
      store.instances_.insert(std::move(instance));
    }
  };
  const auto found = instances_.find(key);
  const InstanceRow& row = found->second.row;
  const auto id = ids_.find({row.workflow, row.id});
  Back& back = undo_.add(Back{*this});
  back.marks = take_marks(place_of(row, clocks_.leaps().shift_of(found->second.clock)));
  back.id = ids_.extract(id);
  back.instance = instances_.extract(found);
}

// What may be changed of a step from now on is taken back.
void MemoryStore::save(Step& step) {
  undo_.add([&step, before = step]() mutable { step = std::move(before); });
}

// The same of how an instance ended.
void MemoryStore::save_end(Instance& instance) {
  undo_.add([&instance, output = instance.output, error = instance.error]() mutable {
    instance.output = std::move(output);
    instance.error = std::move(error);
  });
}

void MemoryStore::add_step(Instance& instance, StepRow step) {
  const Sequence seq = step.started_seq;
  undo_.add([&instance, seq] { instance.steps.erase(seq); });
  instance.steps.emplace(seq, Step{std::move(step), clocks_.number()});
}

void MemoryStore::add_event(Instance& instance, EventRow event) {
  const std::int64_t number = event.event;
  undo_.add([&instance, number] { instance.events.erase(number); });
  instance.events.emplace(number, std::move(event));
}

void MemoryStore::take_event(Instance& instance, std::int64_t number) {
  struct Back {
    Instance& instance;
    decltype(Instance::events)::node_type event = {};
    void operator()() noexcept { instance.events.insert(std::move(event)); }
  };
  Back& back = undo_.add(Back{instance});
  back.event = instance.events.extract(number);
}

// Without steps and events.
void MemoryStore::clear_record(Instance& instance) {
  struct Back {
    Instance& instance;
    decltype(Instance::steps) steps = {};
    decltype(Instance::events) events = {};
    void operator()() noexcept {
      instance.steps.swap(steps);
      instance.events.swap(events);
    }
  };
  undo_.add(Back{instance})();
}

}  // namespace cairn::memory
