#include "api/handlers/new_instance.hpp"

#include "api/requests/json_text.hpp"
#include "api/requests/text.hpp"

#include <cairn/detail/tree.hpp>
#include <cairn/duration.hpp>
#include <cairn/error.hpp>
#include <cairn/id.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace cairn::api {
namespace {

[[noreturn]] void refuse(std::string_view field, std::string_view rule) {
  throw Error{Errc::invalid_argument, std::string{field} + ": " + std::string{rule}};
}

[[noreturn]] void refuse_kind(std::string_view field, std::string_view expected, const json& found) {
  refuse(field, "must be " + std::string{expected} + ", is " + std::string{kind_of(found)});
}

std::string& text_of(json& value, std::string_view field) {
  if (!value.is_string()) refuse_kind(field, "a string", value);
  return value.get_ref<std::string&>();
}

Duration read_retention(const json& value, std::string_view field) {
  constexpr std::string_view rule =
      "must be a positive number of milliseconds, or a duration such as '5 minutes'";
  if (value.is_string()) {
    const Duration duration = parse_duration(value.get_ref<const std::string&>(), field);
    if (duration < Duration{1}) refuse(field, "must be at least 1 ms");
    return duration;
  }
  if (!value.is_number()) refuse(field, std::string{rule} + ", is " + std::string{kind_of(value)});
  // However it is written: 3e5 is a whole number. Every one that fits is exact as a double.
  const auto number = value.get<double>();
  if (number != std::trunc(number)) refuse(field, "must be a whole number of milliseconds, has a fraction");
  const auto most = static_cast<double>(duration_max.count());
  if (number < 1 || number > most) {
    refuse(field, "must be an integer from 1 to " + std::to_string(duration_max.count()) +
                      " (milliseconds), is " + value.dump());
  }
  return Duration{static_cast<std::int64_t>(number)};
}

Retention read_retentions(json& value) {
  if (!value.is_object()) refuse_kind("instance_retention", "an object", value);
  Retention retention;
  for (const auto& [key, duration] : value.get_ref<const json::object_t&>()) {
    if (key == "success_retention") {
      retention.success = read_retention(duration, "instance_retention.success_retention");
    } else if (key == "error_retention") {
      retention.error = read_retention(duration, "instance_retention.error_retention");
    } else {
      refuse(member_of("instance_retention", key),
             "there is no such field; the fields are success_retention, error_retention");
    }
  }
  return retention;
}

// Where an instance runs is not for us to choose; the hint is only checked.
void check_location_hint(json& value) {
  static constexpr std::array<std::string_view, 11> regions{
      "wnam", "weur", "enam", "eeur", "apac", "apac-ne", "apac-se", "oc", "sam", "afr", "me"};
  const std::string& hint = text_of(value, "location_hint");
  if (std::ranges::find(regions, hint) == regions.end()) {
    refuse("location_hint",
           "must be one of wnam, weur, enam, eeur, apac, apac-ne, apac-se, oc, sam, afr, me, is " +
               excerpt(hint));
  }
}

}  // namespace

NewInstance<JsonText> take_new_instance(json& object, std::string_view text,
                                        const Workflow<json, json>& workflow) {
  NewInstance<JsonText> instance;
  json params = json::object();
  const detail::TakenApart at_the_end{params};
  for (auto& [key, value] : object.get_ref<json::object_t&>()) {
    if (key == "instance_id") {
      instance.id = std::move(text_of(value, "instance_id"));
      check_instance_id(instance.id, "instance_id");
    } else if (key == "params") {
      params = std::move(value);
    } else if (key == "instance_retention") {
      instance.retention = read_retentions(value);
    } else if (key == "location_hint") {
      check_location_hint(value);
    } else {
      refuse(member_of({}, key),
             "there is no such field; the fields are instance_id, params, instance_retention, location_hint");
    }
  }
  workflow.check_params(params, "params");
  if (std::optional<JsonText> given = member_text(text, "params")) instance.params = *std::move(given);
  return instance;
}

}  // namespace cairn::api
