#include "tests/odd_exceptions.hpp"

#include "tests/sanitized.hpp"

#include <cairn/id.hpp>

#include <nlohmann/json.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#include <system_error>

#ifdef CAIRN_TESTS_UNDER_ADDRESS_SANITIZER
#include <sanitizer/lsan_interface.h>
#endif

namespace cairn::testing {

namespace {

// An exception whose destructor throws is never freed: libstdc++ has no way to.
#ifdef CAIRN_TESTS_UNDER_ADDRESS_SANITIZER
using MayLeak = __lsan::ScopedDisabler;
#else
struct MayLeak {
  ~MayLeak() {}
};
#endif

constexpr std::size_t megabyte = std::size_t{1} << 20;

std::string cut(const std::string& text) {
  return text + " [truncated]";
}
const std::string cut_e = cut(std::string(4084, 'e'));

// ------------------------------------------------------------------------------------------------ texts

struct NullText : std::exception {
  [[nodiscard]] const char* what() const noexcept override { return nullptr; }
};
struct NullTextOfMemory : std::bad_alloc {
  [[nodiscard]] const char* what() const noexcept override { return nullptr; }
};
struct NullTextOfJson : json::exception {
  NullTextOfJson() : json::exception(302, "") {}
  [[nodiscard]] const char* what() const noexcept override { return nullptr; }
};
struct NullTextOfCairn : Error {
  NullTextOfCairn() : Error(Errc::too_large, "") {}
  [[nodiscard]] const char* what() const noexcept override { return nullptr; }
};
struct NullTextForGood : NonRetryableError {
  NullTextForGood() : NonRetryableError("", "Mine") {}
  [[nodiscard]] const char* what() const noexcept override { return nullptr; }
};

// More than a thousand million bytes, which are the same few megabytes again and again.
const char* endless_text() {
  constexpr std::size_t piece = 16 * megabyte;
  constexpr std::size_t pieces = 70;
  static const char* const text = [] {
    const auto require = [](bool holds) {
      if (!holds) throw std::system_error{errno, std::generic_category(), "a text without end"};
    };
    const int file = ::memfd_create("text", 0);
    require(file >= 0 && ::ftruncate(file, piece) == 0);
    const std::size_t size = piece * pieces + megabyte;  // what is left over is zero: the end of the text
    void* const all = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    require(all != MAP_FAILED);
    char* const begin = static_cast<char*>(all);
    for (std::size_t i = 0; i < pieces; ++i) {
      const int access = i == 0 ? PROT_READ | PROT_WRITE : PROT_READ;
      require(::mmap(begin + i * piece, piece, access, MAP_SHARED | MAP_FIXED, file, 0) != MAP_FAILED);
    }
    std::memset(begin, 'e', piece);
    ::close(file);
    return static_cast<const char*>(begin);
  }();
  return text;
}
struct EndlessText : std::exception {
  [[nodiscard]] const char* what() const noexcept override { return endless_text(); }
};

// --------------------------------------------------------------------------------------------- no
// std::exception

struct Foreign {};

struct One : std::runtime_error {
  One() : std::runtime_error("one") {}
};
struct Other : std::logic_error {
  Other() : std::logic_error("other") {}
};
struct TwoInOne : One, Other {};  // a `std::exception` twice, and so none

struct ThrowsWhenDestroyed {
  ThrowsWhenDestroyed() = default;
  ThrowsWhenDestroyed(const ThrowsWhenDestroyed&) = default;
  ~ThrowsWhenDestroyed() noexcept(false) {
    const MayLeak leaks;
    throw 7;
  }
};
struct ThrowsTheSameWhenDestroyed {
  ThrowsTheSameWhenDestroyed() = default;
  ThrowsTheSameWhenDestroyed(const ThrowsTheSameWhenDestroyed&) = default;
  ~ThrowsTheSameWhenDestroyed() noexcept(false) {
    const MayLeak leaks;
    throw ThrowsTheSameWhenDestroyed{};
  }
};

template <class Exception>
void raise_leaking() {
  const MayLeak leaks;
  throw Exception{};
}

void raise_nested() {
  try {
    throw NullText{};
  } catch (...) {
    std::throw_with_nested(std::runtime_error{"outer"});
  }
}

ErrorRecord unknown() {
  return {"Error", "an exception that is no std::exception"};
}

}  // namespace

const std::vector<OddException>& odd_exceptions() {
  static const std::vector<OddException> all{
      {"NullText", [] { throw NullText{}; }, {"Error", "(null)"}},
      {"NullTextOfJson", [] { throw NullTextOfJson{}; }, {"Error", "(null)"}},
      {"NullTextOfCairn", [] { throw NullTextOfCairn{}; }, {"Error", "(null)"}},
      {"NullTextForGood", [] { throw NullTextForGood{}; }, {"Mine", "(null)"}, false},
      {"NullTextOfMemory", [] { throw NullTextOfMemory{}; }, {"Error", "(null)"}, true, true},
      {"NoText", [] { throw std::runtime_error{""}; }, {"Error", ""}},
      {"Lines", [] { throw std::runtime_error{"one\ntwo\x07"}; }, {"Error", "one\ntwo\x07"}},
      {"Latin1", [] { throw std::runtime_error{"caf\xe9"}; }, {"Error", "caf\xef\xbf\xbd"}},
      {"NamesThatAreNoText",
       [] {
         throw NonRetryableError{"\xff", "\xc0\xaf"};
       },
       {"\xef\xbf\xbd\xef\xbf\xbd", "\xef\xbf\xbd"},
       false},
      {"LongText", [] { throw std::runtime_error{std::string(8 * megabyte, 'e')}; }, {"Error", cut_e}},
      {"LongNames",
       [] {
         throw NonRetryableError{std::string(8 * megabyte, 'e'), std::string(8 * megabyte, 'e')};
       },
       {cut_e, cut_e},
       false},
      {"CutInsideACharacter",
       [] { throw std::runtime_error{std::string(4083, 'e') + "\xc3\xa9" + std::string(100, 'e')}; },
       {"Error", cut(std::string(4083, 'e'))}},
      {"EndlessText", [] { throw EndlessText{}; }, {"Error", cut_e}},
      {"LongStepError",
       [] {
         throw StepError{{std::string(8 * megabyte, 'e'), "\xff"}};
       },
       {cut_e, "\xef\xbf\xbd"}},
      {"LongTimeout",
       [] {
         throw TimeoutError{{"Late", std::string(8 * megabyte, 'e')}};
       },
       {"Late", cut_e}},
      {"LongInstanceError",
       [] {
         throw InstanceError{Status::errored, {"\xff", std::string(8 * megabyte, 'e')}};
       },
       {"\xef\xbf\xbd", cut_e}},
      {"Nested", raise_nested, {"Error", "outer"}},
      {"TwoInOne", [] { throw TwoInOne{}; }, unknown()},
      {"Number", [] { throw 7; }, unknown()},
      {"Literal", [] { throw "text"; }, unknown()},
      {"Null", [] { throw nullptr; }, unknown()},
      {"Struct", [] { throw Foreign{}; }, unknown()},
      {"Pointer", [] { throw std::make_exception_ptr(NullText{}); }, unknown()},
      {"ThrowsWhenDestroyed", raise_leaking<ThrowsWhenDestroyed>, unknown()},
      {"ThrowsTheSameWhenDestroyed", raise_leaking<ThrowsTheSameWhenDestroyed>, unknown()},
  };
  return all;
}

bool is_recordable(const std::string& text) {
  return text.size() <= 4096 && is_utf8(text);
}

// ------------------------------------------------------------------------------------------------ the codec

namespace {

std::atomic<void (*)()> encoding_raises = nullptr;
std::atomic<void (*)()> decoding_raises = nullptr;

std::atomic<void (*)()>& raises(OddCodec::Direction direction) {
  return direction == OddCodec::encoding ? encoding_raises : decoding_raises;
}

}  // namespace

void to_json(json& out, const OddValue& value) {
  if (void (*const raise)() = encoding_raises) raise();
  out = value.value;
}

void from_json(const json& in, OddValue& value) {
  if (void (*const raise)() = decoding_raises) raise();
  value.value = in.get<int>();
}

OddCodec::OddCodec(Direction direction, const OddException& odd) : direction_(direction) {
  raises(direction) = odd.raise;
}

OddCodec::~OddCodec() {
  raises(direction_) = nullptr;
}

}  // namespace cairn::testing
