#include "values/json_explain.hpp"

#include "values/excerpt.hpp"
#include "values/json_failure.hpp"
#include "values/json_path.hpp"

#include <cairn/codec.hpp>
#include <cairn/detail/caught.hpp>

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

// nlohmann says "type must be string, but is number" and not where. The conversion is a black box that stops
// at the first fault, so the place is found by experiment: alter one value, convert again, and see whether
// the failure changes.

namespace cairn::detail {
namespace {

using values::JsonPath;
using values::message_excerpt;
using values::without_id;

// How many values are converted at most in search of the culprit, so that a large document cannot keep the
// caller busy: some tenths of a second. Up to 100,000 values that is enough for the usual shapes.
constexpr std::size_t values_tried_max = 4'000'000;

// A shorter array than this many elements less is not looked into.
constexpr std::size_t elements_added_max = 64;

std::string in_words(std::string_view kind) {
  if (kind == "null") return "null";
  const bool vowel = kind == "array" || kind == "object";
  return (vowel ? "an " : "a ") + std::string{kind};
}

std::size_t count_values(const json& value) {
  std::size_t count = 1;
  if (value.is_structured()) {
    for (const json& element : value) count += count_values(element);
  }
  return count;
}

class CulpritFinder {
 public:
  CulpritFinder(const json& document, Failure failure, ConversionAttempt attempt)
      : document_(document),
        failure_(std::move(failure)),
        attempt_(attempt),
        cost_of_a_try_(count_values(document)) {}

  bool find() { return search(document_); }

  [[nodiscard]] const JsonPath& path() const { return path_; }

  [[nodiscard]] json& culprit() { return *culprit_; }

  // What the failure becomes when the node is `substitute`; nothing: the conversion succeeds.
  std::optional<Failure> outcome_with(json& node, json substitute) {
    node.swap(substitute);
    std::optional<Failure> outcome = convert();
    node.swap(substitute);
    return outcome;
  }

 private:
  bool search(json& node) {
    if (budget_ < cost_of_a_try_) return false;
    if (is_culprit(node)) {
      culprit_ = &node;
      return true;
    }
    if (!node.is_structured() || node.empty() || !matters(node)) return false;
    if (node.is_array()) return search_elements(node);
    for (auto& [key, member] : node.get_ref<json::object_t&>()) {
      path_.push_back({.key = &key});
      if (search(member)) return true;
      path_.pop_back();
    }
    return false;
  }

  bool search_elements(json& node) {
    auto& elements = node.get_ref<json::array_t&>();
    const auto takes_tries = [this](const json& element) {
      return is_candidate(element) || (element.is_structured() && !element.empty());
    };
    if (std::count_if(elements.begin(), elements.end(), takes_tries) > 1) {
      const std::size_t index = last_of_shortest_failing_prefix(elements);
      json alone = json::array({elements[index]});
      if (outcome_with(node, alone) == failure_) {  // the rest has no part in it: from here on, tries are
                                                    // cheap
        node.swap(alone);
        cost_of_a_try_ = count_values(document_);
        path_.push_back({.index = index});
        if (search(node.front())) return true;
        path_.pop_back();
        return false;
      }
    }
    for (std::size_t i = 0; i < elements.size(); ++i) {
      path_.push_back({.index = i});
      if (search(elements[i])) return true;
      path_.pop_back();
    }
    return false;
  }

  std::optional<Failure> outcome_with_member(json& node, const std::string& key) {
    json more = node;
    more[key] = nullptr;
    return outcome_with(node, std::move(more));
  }

  [[nodiscard]] bool is_candidate(const json& node) const {
    switch (failure_.id) {
      case wrong_kind:
      case wrong_container:
      case no_operator:
      case no_value:
        return failure_.found == node.type_name();
      case lacks_key:
        return node.is_object() && !node.contains(missing_key(failure_));
      case too_short:
        return node.is_array() && node.size() <= missing_index(failure_);
      default:
        return false;
    }
  }

  bool is_culprit(json& node) {
    if (!is_candidate(node)) return false;
    if (failure_.id == lacks_key) {
      std::string key{missing_key(failure_)};
      if (outcome_with_member(node, key) == failure_) return false;
      // In a map any new member fails, and in its own way: then one of its values lacks the key.
      do key += '?';
      while (node.contains(key));
      return outcome_with_member(node, key) == failure_;
    }
    if (failure_.id == too_short) {
      const std::size_t missing = missing_index(failure_) + 1 - node.size();
      if (missing > elements_added_max) return false;
      json longer = node;
      for (std::size_t i = 0; i < missing; ++i) longer.push_back(nullptr);
      return outcome_with(node, std::move(longer)) != failure_;
    }
    json substitute = of_another_kind();
    const std::string kind = substitute.type_name();
    const std::optional<Failure> outcome = outcome_with(node, std::move(substitute));
    return !outcome || (outcome->stem == failure_.stem && outcome->found == kind);
  }

  // Neither the kind that was found nor the one that is needed, so that the conversion still fails there.
  [[nodiscard]] json of_another_kind() const {
    const std::string_view needed = needed_kind(failure_);
    const std::array candidates{json(true), json("?"), json(json::value_t::array)};
    const auto* const fitting = std::ranges::find_if(candidates, [&](const json& candidate) {
      const std::string_view kind = candidate.type_name();
      const bool counts_as_number = kind == "boolean" && needed == "number";
      return kind != failure_.found && kind != needed && !counts_as_number;
    });
    // Of three kinds, what was found excludes one and what is needed another; where a number is needed, a
    // boolean is the other.
    assert(fitting != candidates.end());
    return *fitting;
  }

  // Whether the failure has to do with what is in the container.
  bool matters(json& container) {
    if (failure_.id == lacks_key && container.is_object()) {
      return true;  // without members it would lack that key, too
    }
    if (failure_.id == too_short && container.is_array()) return true;
    return outcome_with(container, json(container.type())) != failure_;
  }

  // Elements are converted in order, so that the last of these is at fault.
  std::size_t last_of_shortest_failing_prefix(json::array_t& elements) {
    std::size_t passing = 0;
    std::size_t failing = elements.size();
    while (failing - passing > 1 && budget_ >= cost_of_a_try_) {
      const std::size_t middle = passing + (failing - passing) / 2;
      const auto cut = elements.begin() + static_cast<std::ptrdiff_t>(middle);
      json::array_t rest{std::move_iterator{cut}, std::move_iterator{elements.end()}};
      elements.erase(cut, elements.end());
      (convert() == failure_ ? failing : passing) = middle;
      elements.insert(elements.end(), std::move_iterator{rest.begin()}, std::move_iterator{rest.end()});
    }
    return failing - 1;
  }

  std::optional<Failure> convert() {
    budget_ -= std::min(budget_, cost_of_a_try_);
    std::optional<Failure> failure;
    contain([&] { attempt_(document_); }, [&] { failure = describe_current_exception(); });
    return failure;
  }

  json document_;
  Failure failure_;
  ConversionAttempt attempt_;
  std::size_t cost_of_a_try_;
  std::size_t budget_ = values_tried_max;
  JsonPath path_;
  json* culprit_ = nullptr;
};

std::string rule_of(CulpritFinder& finder, const Failure& failure) {
  switch (failure.id) {
    case wrong_kind:
      return "must be " + in_words(needed_kind(failure)) + ", is " + in_words(failure.found);
    case wrong_container:
    case no_operator: {
      const std::optional<Failure> outcome = finder.outcome_with(finder.culprit(), json::object());
      const bool object = !outcome || outcome->stem != failure.stem;
      return (object ? "must be an object, is " : "must be an array, is ") + in_words(failure.found);
    }
    case no_value:
      return "must be an object, is " + in_words(failure.found);
    case lacks_key:
      return "lacks " + values::quoted(missing_key(failure));
    default:
      return "must be an array of at least " + std::to_string(missing_index(failure) + 1) + ", has " +
             std::to_string(finder.culprit().size());
  }
}

// When the culprit could not be found within the budget.
std::string vague_rule_of(const Failure& failure) {
  switch (failure.id) {
    case wrong_kind:
      return "holds " + in_words(failure.found) + " where " + in_words(needed_kind(failure)) + " is needed";
    case lacks_key:
      return "lacks " + values::quoted(missing_key(failure)) + " in an object";
    default:
      return values::escaped(failure.stem + failure.found, message_excerpt);
  }
}

}  // namespace

Error explain(const json::exception& error, const json& value, std::string_view field,
              ConversionAttempt attempt) {
  const Failure failure = describe(error);
  CulpritFinder finder{value, failure, attempt};
  if (finder.find()) return values::invalid(field, finder.path(), rule_of(finder, failure));
  return values::invalid(field, {}, vague_rule_of(failure));
}

}  // namespace cairn::detail
