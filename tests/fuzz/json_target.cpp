#include "tests/fuzz/refusals.hpp"
#include "tests/fuzz/targets.hpp"

#include <cairn/codec.hpp>
#include <cairn/id.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::fuzz {
namespace {

// Params with a member of every kind.
struct Sample {
  std::string text;
  std::int32_t small = 0;
  std::uint8_t byte = 0;
  double number = 0;
  bool flag = false;
  std::vector<std::int64_t> list;
  std::map<std::string, float> table;
  json any;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Sample, text, small, byte, number, flag, list, table, any)

void read_back(const json& value) {
  const std::string written = write_json(value);
  const json again = parse_json(written);
  hold(again == value, "another value is read back from " + written);
  hold(write_json(again) == written, "another text is written than " + written);
}

void as_params(const json& value) {
  const auto decode_sample = [](const json& from) {
    return unless_refused("params", [&] { return from_json_checked<Sample>(from, "params"); });
  };
  const std::optional<Sample> sample = decode_sample(value);
  if (!sample) return;
  const json encoded = parse_json(encode(*sample));
  const std::optional<Sample> again = decode_sample(encoded);
  hold(again.has_value(), "params are refused when they come back");
  hold(parse_json(encode(*again)) == encoded, "params come back as others");
}

void as_string(std::string_view text) {
  const std::optional<std::string> written = unless_refused("value", [&] { return write_json_string(text); });
  hold(written.has_value() == is_utf8(text), "a string is written if it is UTF-8");
  if (written) hold(parse_json(*written) == json(text), "another string is read back from " + *written);
}

}  // namespace

void json_text(Bytes bytes) {
  const std::string_view text = text_of(bytes);
  as_string(text);
  const std::optional<json> value = unless_refused("json", [&] { return parse_json(text, "json"); });
  if (!value) return;
  hold(*value == json::parse(text), "nlohmann reads another value");
  read_back(*value);
  as_params(*value);
}

}  // namespace cairn::fuzz
