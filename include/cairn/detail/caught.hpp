#pragma once

#include <exception>
#include <string>
#include <utility>

// What code of the host throws, and how it ends. Not for users.
//
// A host may throw anything: without a text, with a text without end, with a destructor that throws. Only
// what comes out of a `what()`, or of a destructor that is `noexcept`, ends the process: that is the
// language's rule.
namespace cairn::detail {

/// What the exception says, as `error_text`; `(null)` when it says nothing at all. Without memory for it:
/// `out of memory`.
[[nodiscard]] std::string what_of(const std::exception& error) noexcept;

/// The same of the exception that is being handled, whatever it is. Lets the end of a thread pass.
[[nodiscard]] std::string what_of_current_exception();

/// Takes a reference to the exception that is being handled, for ever: for one that cannot be destroyed.
void never_destroy_current_exception() noexcept;

/// Throws what is being handled again if it is the end of this thread, which nobody may keep.
void pass_on_end_of_thread();

/// Calls `part`. What it throws ends here, behind `handler`, which is called as in a catch block; also when
/// the exception throws another one as it is destroyed. Out come the end of the thread, and what `handler`
/// throws: which should be nothing, for beside an exception that cannot be destroyed it ends the process.
template <class Part, class Handler>
void contain(Part&& part, Handler&& handler) {
  bool handled = false;
  try {
    try {
      std::forward<Part>(part)();
    } catch (...) {
      if (!std::current_exception()) pass_on_end_of_thread();  // nor is there one for what is not C++
      std::forward<Handler>(handler)();
      handled = true;
    }
  } catch (...) {
    if (!handled) throw;
    never_destroy_current_exception();
  }
}

/// An exception that is kept, to be thrown again. `std::exception_ptr` ends the process when it was the last
/// to hold one whose destructor throws; this does not.
class Caught {
 public:
  Caught() noexcept = default;
  /// The one that is being handled.
  [[nodiscard]] static Caught current() noexcept;
  Caught(const Caught&) noexcept = default;
  Caught& operator=(Caught other) noexcept {
    std::swap(error_, other.error_);
    std::swap(is_foreign_, other.is_foreign_);
    std::swap(lacks_memory_, other.lacks_memory_);
    return *this;
  }
  ~Caught() {
    if (is_foreign_) let_go();
  }

  [[nodiscard]] explicit operator bool() const noexcept { return error_ != nullptr; }
  /// Whether it is a `std::bad_alloc`.
  [[nodiscard]] bool is_lack_of_memory() const noexcept { return lacks_memory_; }
  /// Nothing happens when there is none.
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  void let_go() noexcept;

  std::exception_ptr error_;
  bool is_foreign_ = false;  // no `std::exception`
  bool lacks_memory_ = false;
};

}  // namespace cairn::detail
