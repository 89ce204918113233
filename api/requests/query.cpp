#include "api/requests/query.hpp"

#include "api/requests/text.hpp"

#include <cairn/error.hpp>

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>

namespace cairn::api {
namespace {

[[noreturn]] void refuse_parameter(std::string_view name, std::string_view rule) {
  throw Error{Errc::invalid_argument, member_of({}, name) + ": " + std::string{rule}};
}

}  // namespace

Query::Query(const std::vector<Parameter>& parameters, std::initializer_list<std::string_view> known)
    : parameters_(parameters) {
  for (auto at = parameters.begin(); at != parameters.end(); ++at) {
    if (std::ranges::find(known, at->name) == known.end())
      refuse_parameter(at->name, "there is no such parameter in the query");
    const bool again = std::any_of(parameters.begin(), at,
                                   [&](const Parameter& before) { return before.name == at->name; });
    if (again) refuse_parameter(at->name, "must not stand in the query twice");
  }
}

std::optional<std::string_view> Query::text(std::string_view name) const noexcept {
  const auto found = std::ranges::find(parameters_, name, &Parameter::name);
  if (found == parameters_.end()) return std::nullopt;
  return found->value;
}

std::size_t Query::number(std::string_view name, std::size_t otherwise, std::size_t min,
                          std::size_t max) const {
  const std::optional<std::string_view> digits = text(name);
  if (!digits) return otherwise;
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(digits->data(), digits->data() + digits->size(), number);
  if (error != std::errc{} || end != digits->data() + digits->size() || number < min || number > max) {
    refuse_parameter(name, "must be an integer from " + std::to_string(min) + " to " + std::to_string(max) +
                               ", is " + excerpt(*digits));
  }
  return number;
}

bool Query::choice(std::string_view name, std::string_view yes, std::string_view no) const {
  const std::optional<std::string_view> word = text(name);
  if (!word || *word == no) return false;
  if (*word != yes) {
    refuse_parameter(name,
                     "must be " + std::string{yes} + " or " + std::string{no} + ", is " + excerpt(*word));
  }
  return true;
}

}  // namespace cairn::api
