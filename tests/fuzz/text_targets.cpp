// The small parsers: what they accept is read back as it was written, what they refuse they refuse by name.

#include "engine/cursor.hpp"
#include "tests/fuzz/refusals.hpp"
#include "tests/fuzz/targets.hpp"

#include <cairn/duration.hpp>
#include <cairn/id.hpp>
#include <cairn/time.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::fuzz {
namespace {

void read_duration_back(Duration duration) {
  const std::string written = to_string(duration);
  hold(parse_duration(written) == duration, "another duration is read back from " + written);
}

// Rules of names, told once more as plainly as can be.
bool is_word(std::string_view text, std::size_t length_max) {
  const auto belongs = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= length_max && text[0] != '-' && std::ranges::all_of(text, belongs);
}

bool is_instance_id(std::string_view text) {
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  const bool is_hash = text.size() == 67 && text.starts_with("cf_") &&
                       std::ranges::all_of(text.substr(3), is_hex);
  return is_word(text, 100) && text != "batch" && text != "terminate" && text != "terminateAll" && !is_hash;
}

bool is_version_tag(std::string_view text) {
  return !text.empty() && text.size() <= 100 &&
         std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7e; });
}

template <class Check>
bool takes(Check check, std::string_view text) {
  return unless_refused("name: ",
                        [&] {
                          check(text, "name");
                          return true;
                        })
      .has_value();
}

}  // namespace

void duration(Bytes bytes) {
  const std::string_view text = text_of(bytes);
  const std::optional<Duration> parsed = unless_refused("span: ",
                                                        [&] { return parse_duration(text, "span"); });
  if (parsed) {
    hold(*parsed >= Duration{0} && *parsed <= duration_max, "a duration beyond its range");
    read_duration_back(*parsed);
  }
  const auto most = static_cast<std::uint64_t>(duration_max.count());
  read_duration_back(Duration{static_cast<std::int64_t>(number_of(bytes) % (most + 1))});
}

void id(Bytes bytes) {
  const std::string_view text = text_of(bytes);
  hold(takes(check_instance_id, text) == is_instance_id(text), "instance id");
  hold(takes(check_workflow_name, text) == is_word(text, 64), "workflow name");
  hold(takes(check_event_type, text) == is_word(text, 100), "event type");
  hold(takes(check_version_tag, text) == is_version_tag(text), "version tag");
  if (takes(check_step_name, text)) {
    hold(text.size() <= 256 && is_utf8(text), "step name");
    hold(std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }),
         "control character in a step name");
  }
}

void cursor(Bytes bytes) {
  const auto read = [](std::string_view text) {
    return unless_refused("cursor: ", [&] { return engine::read_cursor(text); });
  };
  if (const std::optional<Key> key = read(text_of(bytes))) {
    hold(*key > 0, "a cursor before every key");
    hold(read(engine::write_cursor(*key)) == key, "another key is read back");
  }
  const auto key = static_cast<Key>(number_of(bytes) >> 1);
  if (key > 0) hold(read(engine::write_cursor(key)) == key, "another key is read back");
}

void time(Bytes bytes) {
  if (const std::optional<Time> parsed = parse_iso8601(text_of(bytes)))
    hold(parse_iso8601(to_iso8601(*parsed)) == parsed, "another time is read back");
  const Time any{Duration{static_cast<std::int64_t>(number_of(bytes))}};
  const std::string written = to_iso8601(any);
  const std::optional<Time> back = parse_iso8601(written);
  hold(back.has_value(), "what was written is not read: " + written);
  hold(to_iso8601(*back) == written, "another time is written");
}

}  // namespace cairn::fuzz
