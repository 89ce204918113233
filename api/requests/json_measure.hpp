#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace cairn::api {

/// What a JSON text would become as a tree, found by reading its brackets, commas and quotes: nothing is
/// built. Right for text that is JSON. Of other text, right for what stands before its first fault: a parser
/// never builds more than is counted here.
struct JsonMeasure {
  std::size_t values = 0;      ///< of any kind, at any depth; keys are none
  std::size_t tree_bytes = 0;  ///< what a `json` of it takes at most, about

  // When the text is one array and nothing else:
  bool is_array = false;
  std::size_t element_count = 0;
  std::size_t largest_element_bytes = 0;        ///< what a `json` of one element takes at most, about
  std::vector<std::string_view> elements = {};  ///< their texts, as many as were asked for
};

/// `elements_max`: of how many elements the texts are wanted.
[[nodiscard]] JsonMeasure measure_json(std::string_view text, std::size_t elements_max = 0);

}  // namespace cairn::api
