#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::api {

struct Parameter {
  std::string name;
  std::string value;
};

/// What a request is about: the path's segments and the query's parameters, percent-decoded exactly once.
struct Target {
  std::vector<std::string> segments;
  bool trailing_slash = false;
  std::vector<Parameter> query;
};

/// A request target as it came: the host that stands in its absolute form (`http://host/path`), if it has
/// that form, and the rest of it.
struct SplitTarget {
  std::optional<std::string> host = std::nullopt;
  std::string path;
};

/// Takes the host off a target in the absolute form (RFC 9112, 3.2.2).
SplitTarget split_target(std::string_view target);

/// Reads a request target strictly: only the form `/path?query`, in printable ASCII before and after
/// decoding (values in the query may be other UTF-8 after it), without empty segments, dot segments or broken
/// escapes. The path is split before it is decoded,
/// so an escaped slash stays inside its segment. Throws `Error` (`invalid_argument`).
Target parse_target(std::string_view target);

}  // namespace cairn::api
