#include <cairn/detail/tree.hpp>

#include <nlohmann/json.hpp>

namespace cairn::detail {

void take_apart(json& tree) noexcept {
  if (auto* const members = tree.get_ptr<json::object_t*>()) {
    for (auto& [key, value] : *members) take_apart(value);
    members->clear();
  } else if (auto* const elements = tree.get_ptr<json::array_t*>()) {
    for (json& element : *elements) take_apart(element);
    elements->clear();
  }
}

}  // namespace cairn::detail
