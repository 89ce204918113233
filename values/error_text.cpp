#include "values/utf8.hpp"

#include <cairn/detail/caught.hpp>
#include <cairn/error.hpp>
#include <cairn/id.hpp>

#include <cxxabi.h>

#include <cstddef>
#include <cstring>
#include <new>
#include <utility>

// What exceptions of the host say, made fit for the record. Nothing else in the library asks `what()`.
namespace cairn {

namespace {

constexpr std::string_view cut_mark = " [truncated]";
constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

std::string with_replacements(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (;;) {
    const std::size_t bad = values::find_invalid_utf8(bytes);
    text += bytes.substr(0, bad);
    if (bad == std::string_view::npos) return text;
    text += replacement;
    bytes.remove_prefix(bad + 1);
  }
}

// Valid text that is too long, or goes on where it ends here.
void cut(std::string& text) {
  std::size_t end = error_text_max - cut_mark.size();
  while ((static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // inside a character
  text.resize(end);
  text += cut_mark;
}

// A replacement is no shorter than what it stands for. So what stands behind the limit is never seen, and a
// character that the limit cuts is gone with the cut.
std::string fit(std::string_view bytes) {
  const bool goes_on = bytes.size() > error_text_max;
  std::string text = with_replacements(bytes.substr(0, error_text_max));
  if (goes_on || text.size() > error_text_max) cut(text);
  return text;
}

std::string_view beginning_of(const char* text) {
  if (text == nullptr) return "(null)";
  return {text, ::strnlen(text, error_text_max + 1)};
}

}  // namespace

std::string error_text(std::string text) {
  const bool fits = text.size() <= error_text_max && is_utf8(text);
  return fits ? std::move(text) : fit(text);
}

namespace detail {

namespace {

// Short enough to need no memory itself.
constexpr const char* no_memory = "out of memory";

}  // namespace

std::string what_of(const std::exception& error) noexcept {
  try {
    return fit(beginning_of(error.what()));
  } catch (const std::bad_alloc&) {
    return no_memory;
  }
}

std::string what_of_current_exception() {
  try {
    throw;
  } catch (const std::exception& error) {
    return what_of(error);
  } catch (const abi::__forced_unwind&) {
    throw;
  } catch (...) {
    try {
      return "an exception that is no std::exception";
    } catch (const std::bad_alloc&) {
      return no_memory;
    }
  }
}

void pass_on_end_of_thread() {
  try {
    throw;
  } catch (const abi::__forced_unwind&) {
    throw;
  } catch (...) {
    return;
  }
}

void never_destroy_current_exception() noexcept {
  alignas(std::exception_ptr) std::byte kept[sizeof(std::exception_ptr)];
  ::new (kept) std::exception_ptr{std::current_exception()};
}

Caught Caught::current() noexcept {
  Caught caught;
  caught.error_ = std::current_exception();
  if (!caught.error_) return caught;  // an end of the thread
  try {
    throw;
  } catch (const std::bad_alloc&) {
    caught.lacks_memory_ = true;
  } catch (const std::exception&) {
    // Its destructor does not throw: that of `std::exception` does not allow it.
  } catch (...) {
    caught.is_foreign_ = true;
  }
  return caught;
}

// The last reference is that of a handler, whose end may throw.
void Caught::let_go() noexcept {
  contain([this] { std::rethrow_exception(std::exchange(error_, nullptr)); }, [] {});
}

}  // namespace detail
}  // namespace cairn
