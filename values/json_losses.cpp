#include "values/json_path.hpp"

#include <cairn/codec.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>
#include <vector>

namespace cairn::detail {
namespace {

using values::JsonPath;

// Holds every 64-bit integer and every double.
using Exact = long double;
static_assert(std::numeric_limits<Exact>::digits >= 64);

Exact exact(const json& number) {
  if (number.is_number_unsigned()) return static_cast<Exact>(number.get_ref<const std::uint64_t&>());
  if (number.is_number_integer()) return static_cast<Exact>(number.get_ref<const std::int64_t&>());
  return static_cast<Exact>(number.get_ref<const double&>());
}

// Compares what came in with what a type made of it. A number that a type cannot hold comes back as another
// one.
//
// Position alone does not tell: a `std::set` comes back in another order, and without what stood twice. So
// inside an array a number counts as kept when it is found in any place of the same shape, such as
// `/items/*/cents`.
class LossFinder {
 public:
  LossFinder(const json& given, const json& kept, std::string_view field)
      : given_(given), kept_(kept), field_(field) {}

  // Without recursion, whose frames would be large.
  void check() {
    compare(given_, kept_);
    while (!open_.empty()) {
      Level& level = open_.back();
      path_.resize(open_.size() - 1);
      if (level.given->is_array()) {
        if (level.index == std::min(level.given->size(), level.kept->size())) {
          open_.pop_back();
        } else {
          const std::size_t index = level.index++;
          path_.push_back({.index = index});
          compare((*level.given)[index], (*level.kept)[index]);
        }
      } else if (level.member == level.given->get_ref<const json::object_t&>().end()) {
        open_.pop_back();
      } else {
        const auto& [key, member] = *level.member++;
        const auto found = level.kept->find(key);
        if (found == level.kept->end()) continue;
        path_.push_back({.key = &key});
        compare(member, *found);
      }
    }
  }

 private:
  // A container whose members are being compared.
  struct Level {
    const json* given;
    const json* kept;
    std::size_t index = 0;                       // in arrays
    json::object_t::const_iterator member = {};  // in objects
  };

  void compare(const json& given, const json& kept) {
    if (given.is_array() && kept.is_array()) {
      open_.push_back({.given = &given, .kept = &kept});
    } else if (given.is_object() && kept.is_object()) {
      open_.push_back(
          {.given = &given, .kept = &kept, .member = given.get_ref<const json::object_t&>().begin()});
    } else if (given.is_boolean() && kept.is_number()) {
      throw values::invalid(field_, path_, "must be a number, is a boolean");
    } else if (given.is_number() && kept.is_number_integer() && exact(given) != exact(kept)) {
      const auto array = std::find_if(path_.begin(), path_.end(),
                                      [](const auto& step) { return step.key == nullptr; });
      if (array == path_.end()) refuse(given, path_);
      look_anywhere();
    }
  }

  // Throws unless every given number of this shape was kept somewhere.
  void look_anywhere() {
    JsonPath shape = path_;
    for (auto& step : shape) step.index = 0;
    const auto alike = [&shape](const JsonPath& other) {
      return std::equal(
          shape.begin(), shape.end(), other.begin(), other.end(), [](const auto& a, const auto& b) {
            return (a.key == nullptr) == (b.key == nullptr) && (a.key == nullptr || *a.key == *b.key);
          });
    };
    if (std::any_of(settled_.begin(), settled_.end(), alike)) return;

    std::multiset<Exact> kept;
    std::size_t given_count = 0;
    visit(kept_, shape, 0, [&](const json& number, const JsonPath&) { kept.insert(exact(number)); });
    visit(given_, shape, 0, [&](const json&, const JsonPath&) { ++given_count; });
    const bool each_once = given_count == kept.size();
    visit(given_, shape, 0, [&](const json& number, const JsonPath& where) {
      const auto found = kept.find(exact(number));
      if (found == kept.end()) refuse(number, where);
      if (each_once) kept.erase(found);
    });
    settled_.push_back(std::move(shape));
  }

  // Calls `see` for the numbers at the end of `path`, with every index in the place of the written ones.
  template <class See>
  static void visit(const json& node, JsonPath& path, std::size_t step, const See& see) {
    if (step == path.size()) {
      if (node.is_number()) see(node, path);
    } else if (path[step].key != nullptr) {
      if (!node.is_object()) return;
      const auto member = node.find(*path[step].key);
      if (member != node.end()) visit(*member, path, step + 1, see);
    } else if (node.is_array()) {
      for (std::size_t i = 0; i < node.size(); ++i) {
        path[step].index = i;
        visit(node[i], path, step + 1, see);
      }
    }
  }

  [[noreturn]] void refuse(const json& number, const JsonPath& where) const {
    const bool fraction = number.is_number_float() &&
                          std::trunc(number.get_ref<const double&>()) != number.get_ref<const double&>();
    throw values::invalid(
        field_, where,
        (fraction ? "must be a whole number, is " : "must be a number that its type can hold, is ") +
            write_json(number));
  }

  const json& given_;
  const json& kept_;
  std::string_view field_;
  std::vector<Level> open_;
  JsonPath path_;
  std::vector<JsonPath> settled_;  // shapes whose numbers were all found
};

}  // namespace

void refuse_losses(const json& given, const json& kept, std::string_view field) {
  LossFinder{given, kept, field}.check();
}

}  // namespace cairn::detail
