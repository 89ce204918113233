#include "storage/memory/store.hpp"

#include <algorithm>
#include <utility>

// Rows, the indices beside them, and how both are taken back.
namespace cairn::memory {

MemoryStore::Marks MemoryStore::marks_of(const InstanceRow& row) {
  Marks marks;
  if (row.status == Status::queued) marks.queued.emplace(row.workflow, row.key);
  if (row.wake_at) marks.due.emplace(*row.wake_at, row.key);
  if (row.expires) marks.expiring.emplace(*row.expires, row.key);
  return marks;
}

MemoryStore::Marks MemoryStore::take_marks(const InstanceRow& row) noexcept {
  Marks marks;
  marks.queued.insert(queued_.extract({row.workflow, row.key}));
  if (row.wake_at) marks.due.insert(due_.extract({*row.wake_at, row.key}));
  if (row.expires) marks.expiring.insert(expiring_.extract({*row.expires, row.key}));
  return marks;
}

void MemoryStore::put(Marks& marks) noexcept {
  queued_.merge(marks.queued);
  due_.merge(marks.due);
  expiring_.merge(marks.expiring);
}

// All or nothing.
void MemoryStore::keep(Instance& instance, InstanceRow row) {
  struct Back {
    MemoryStore& store;
    Instance& instance;
    bool done = false;
    InstanceRow row = {};
    Marks marks = {};

    void operator()() noexcept {
      if (!done) return;
      static_cast<void>(store.take_marks(instance.row));
      instance.row = std::move(row);
      store.put(marks);
    }
  };
  Marks marks = marks_of(row);
  Back& back = undo_.add(Back{*this, instance});
  back.marks = take_marks(instance.row);
  back.row = std::exchange(instance.row, std::move(row));
  put(marks);
  back.done = true;
}

// All or nothing.
void MemoryStore::add(Instance instance) {
  const InstanceRow& row = instance.row;
  Marks marks = marks_of(row);
  decltype(ids_) ids;
  const auto id = ids.emplace(std::pair{row.workflow, row.id}, row.key).first;
  decltype(instances_) instances;
  const auto added = instances.emplace(row.key, std::move(instance)).first;
  undo_.add([this, id, added] {
    static_cast<void>(take_marks(added->second.row));
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
  back.marks = take_marks(row);
  back.id = ids_.extract(id);
  back.instance = instances_.extract(found);
}

// What may be changed of a step from now on is taken back.
void MemoryStore::save(StepRow& step) {
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
  instance.steps.emplace(seq, std::move(step));
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
