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

/// `field` and the path behind it, bounded, such as `params.items[3].cents`. A key that is no plain name is
/// quoted and escaped: `params['unit price']`. So every error of the library names a place.
std::string locate(std::string_view field, const JsonPath& path);

/// The error `field.path: rule`.
Error invalid(std::string_view field, const JsonPath& path, std::string_view rule);

}  // namespace cairn::values
