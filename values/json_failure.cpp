#include "values/json_failure.hpp"

#include "values/json_explain.hpp"

#include <cairn/codec.hpp>
#include <cairn/detail/caught.hpp>

#include <charconv>

namespace cairn::detail {
namespace {

std::string_view between(std::string_view text, std::string_view before, std::string_view behind) {
  const std::size_t at = text.find(before);
  if (at != std::string_view::npos) text.remove_prefix(at + before.size());
  return text.substr(0, text.rfind(behind));
}

}  // namespace

Failure describe(const json::exception& error) {
  const std::string said = what_of(error);
  const std::string_view text = values::without_id(said);
  std::size_t cut = text.size();
  if (error.id == wrong_kind) {
    if (const std::size_t at = text.rfind(" is "); at != std::string_view::npos) cut = at + 4;
  } else if (error.id == wrong_container || error.id == no_operator || error.id == no_value) {
    if (const std::size_t at = text.rfind(" with "); at != std::string_view::npos) cut = at + 6;
  }
  return {.id = error.id, .stem = std::string{text.substr(0, cut)}, .found = std::string{text.substr(cut)}};
}

Failure describe_current_exception() {
  try {
    throw;
  } catch (const json::exception& error) {
    return describe(error);
  } catch (...) {
    return {};
  }
}

std::string_view needed_kind(const Failure& failure) {
  return between(failure.stem, "type must be ", ", but is ");
}

std::string_view missing_key(const Failure& failure) {
  return between(failure.stem, "key '", "' not found");
}

std::size_t missing_index(const Failure& failure) {
  const std::string_view digits = between(failure.stem, "array index ", " is out of range");
  std::size_t index = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), index);
  return index;
}

}  // namespace cairn::detail
