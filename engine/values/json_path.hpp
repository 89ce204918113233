#pragma once

#include <cairn/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::values {

/// One step down a JSON tree: into the member `key`, or into the element `index` when there is no key.
struct JsonStep {
  const std::string* key = nullptr;
  std::size_t index = 0;
};

using JsonPath = std::vector<JsonStep>;

/// `field` and the JSON pointer of `path`, escaped and bounded, such as `params/items/3/cents`.
std::string locate(std::string_view field, const JsonPath& path);

/// The error `field/pointer: rule`.
Error invalid(std::string_view field, const JsonPath& path, std::string_view rule);

}  // namespace cairn::values
