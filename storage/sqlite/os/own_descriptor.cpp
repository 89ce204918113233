#include "storage/sqlite/os/own_descriptor.hpp"

#include <pthread.h>

#include <mutex>

namespace cairn::sqlite::os {

namespace {

// All that there are. As global as what they are kept from. They have no destructors, which would come before
// those of the host's own objects.
constinit std::mutex mutex;
constinit OwnDescriptor* first = nullptr;

}  // namespace

// A child has the memory as it was at one moment: the lock, held over `fork`, makes that a moment in which
// nothing is being opened or closed.
struct ForkHandlers {
  static void before() noexcept { mutex.lock(); }
  static void in_parent() noexcept { mutex.unlock(); }
  static void in_child() noexcept {
    for (OwnDescriptor* own = first; own != nullptr; own = own->next_) own->descriptor_ = Descriptor{};
    mutex.unlock();
  }
  // Once, and before the first descriptor is opened. Without memory for it children keep what is open.
  static void set() noexcept {
    static const int result = ::pthread_atfork(before, in_parent, in_child);
    static_cast<void>(result);
  }
};

OwnDescriptor::OwnDescriptor() noexcept {
  ForkHandlers::set();
  const std::lock_guard lock{mutex};
  next_ = first;
  if (first != nullptr) first->before_ = this;
  first = this;
}

OwnDescriptor::OwnDescriptor(const std::filesystem::path& file, Access access) : OwnDescriptor{} {
  open(file, access);
}

OwnDescriptor::~OwnDescriptor() {
  const std::lock_guard lock{mutex};
  (before_ != nullptr ? before_->next_ : first) = next_;
  if (next_ != nullptr) next_->before_ = before_;
  descriptor_ = Descriptor{};
}

void OwnDescriptor::open(const std::filesystem::path& file, Access access) {
  const std::lock_guard lock{mutex};
  descriptor_ = open_file(file, access);
}

void OwnDescriptor::close() noexcept {
  const std::lock_guard lock{mutex};
  descriptor_ = Descriptor{};
}

}  // namespace cairn::sqlite::os
