#include "api/handlers/body.hpp"

#include "api/requests/json_measure.hpp"

#include <cairn/detail/counted.hpp>
#include <cairn/detail/tree.hpp>
#include <cairn/engine.hpp>
#include <cairn/error.hpp>

#include <string>

namespace cairn::api {
namespace {

// A value of users is held against the workflow's input by being converted and back, and written as text.
constexpr std::size_t trees = 3;
constexpr std::size_t texts = 2;

void check_values(const Backend& backend, const JsonMeasure& size) {
  if (size.values <= backend.options.body_values) return;
  refuse_invalid("body: must not hold more than " +
                 detail::counted(backend.options.body_values, "JSON value") + " (body_values), holds " +
                 std::to_string(size.values));
}

json parse(const Backend& backend, std::string_view body, const JsonMeasure& size,
           std::string_view field = "body", std::size_t depth_max = json_depth_limit) {
  check_values(backend, size);
  backend.room.make(trees * size.tree_bytes + texts * body.size(), "body");
  return parse_json(body, field, depth_max);
}

}  // namespace

json read_body(const Backend& backend, std::string_view body) {
  if (body.empty()) refuse_invalid("body: is required");
  return parse(backend, body, measure_json(body));
}

json read_payload(const Backend& backend, std::string_view body) {
  if (body.empty()) refuse_invalid("body: is required");
  return parse(backend, body, measure_json(body), "payload", backend.engine.options().limits.json_depth);
}

void read_elements(const Backend& backend, std::string_view body, std::size_t bytes_per_element,
                   const EachElement& each) {
  const std::size_t count_max = backend.options.batch_entries;
  if (body.empty()) refuse_invalid("body: is required");
  const JsonMeasure size = measure_json(body, count_max);
  if (!size.is_array) {
    json other = parse(backend, body, size);  // says what is wrong, if it is no JSON
    const detail::TakenApart at_the_end{other};
    refuse_invalid("body: must be an array, is " + std::string{kind_of(other)});
  }
  if (size.element_count == 0) refuse_invalid("body: must have at least 1 entry");
  if (size.element_count > count_max) {
    refuse_invalid("body: must not have more than " + detail::counted(count_max, "entry", "entries") +
                   ", has " + std::to_string(size.element_count));
  }
  check_values(backend, size);
  const std::size_t kept = texts * body.size() + bytes_per_element * size.element_count;
  backend.room.make(trees * size.largest_element_bytes + kept, "body");
  for (std::size_t index = 0; index < size.elements.size(); ++index) {
    const std::string_view text = size.elements[index];
    each(parse_json(text, "[" + std::to_string(index) + "]"), text, index);
  }
  backend.room.keep(kept);
}

}  // namespace cairn::api
