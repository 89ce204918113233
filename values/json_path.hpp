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

/// The rule that every limit of depth tells in the same words.
std::string deeper_than(std::size_t depth_max);

/// What a refused value belongs to, as it stands behind every such message: ` (step "charge-1")`.
std::string owner(std::string_view kind, std::string_view name);

}  // namespace cairn::values
