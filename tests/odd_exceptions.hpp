#pragma once

#include <cairn/codec.hpp>
#include <cairn/error.hpp>

#include <ostream>
#include <string>
#include <vector>

namespace cairn::testing {

/// Something that code of a host may throw, and that nobody expects.
struct OddException {
  const char* name;
  void (*raise)();       ///< throws it
  ErrorRecord recorded;  ///< what stands in the record when it comes out of a body, or of workflow code
  bool retryable = true;
  bool lacks_memory = false;  ///< is a `std::bad_alloc`, which codecs and stores let pass
};

/// All of them: the rows of a table whose columns are the places where code of a host runs.
[[nodiscard]] const std::vector<OddException>& odd_exceptions();

inline void PrintTo(const OddException& odd, std::ostream* out) {
  *out << odd.name;
}

/// Names the row in the name of a test.
template <class Info>
std::string odd_name(const Info& info) {
  return info.param.name;
}

/// Whether a text may be recorded: valid UTF-8 of at most 4 KiB.
[[nodiscard]] bool is_recordable(const std::string& text);

/// An integer whose codec is the host's, and raises while an `OddCodec` lives.
struct OddValue {
  int value = 0;
};
void to_json(json& out, const OddValue& value);
void from_json(const json& in, OddValue& value);

/// While one lives, the codec of `OddValue` raises in that direction, on every thread.
class OddCodec {
 public:
  enum Direction { encoding, decoding };
  OddCodec(Direction direction, const OddException& odd);
  ~OddCodec();
  OddCodec(const OddCodec&) = delete;
  OddCodec& operator=(const OddCodec&) = delete;

 private:
  Direction direction_;
};

}  // namespace cairn::testing
