#pragma once

#include "api/handlers/handlers.hpp"

#include <cairn/codec.hpp>
#include <cairn/json_text.hpp>

#include <cstddef>
#include <functional>
#include <string_view>

/// Bodies that are JSON. What one would take in memory is known, and refused, before anything is built of it.
namespace cairn::api {

/// Reads a body that must not be missing. Throws `Error` (`invalid_argument`, `too_large`) or `NoRoom`. How
/// deep params may be nested, the engine says when it takes them.
json read_body(const Backend& backend, std::string_view body);
/// Reads a body that is a payload and nothing else, and so has the engine's limit of depth itself.
json read_payload(const Backend& backend, std::string_view body);

/// An element of an array, and its text as it came.
using EachElement = std::function<void(json element, std::string_view text, std::size_t index)>;

/// Reads a body that is an array of so many elements at most, and not empty. `each` gets them one after the
/// other, with their index: there is never a tree of more than one. Throws as `read_body`; what is about an
/// element begins with its index, as `[3]`. `bytes_per_element`: what `each` keeps of one beside its text.
void read_elements(const Backend& backend, std::string_view body, std::size_t bytes_per_element,
                   const EachElement& each);

}  // namespace cairn::api
