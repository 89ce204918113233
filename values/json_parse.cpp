#include "values/excerpt.hpp"
#include "values/json_path.hpp"
#include "values/json_string.hpp"

#include <cairn/codec.hpp>
#include <cairn/detail/caught.hpp>
#include <cairn/detail/tree.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cairn {
namespace {

using values::JsonPath;

constexpr int number_overflow = 406;  // nlohmann's number for it

// What went wrong, from the text of a parse error: without its number, and without what it quotes of the
// input.
std::string rule_of(const json::exception& error) {
  const std::string said = detail::what_of(error);
  std::string_view text = said;
  if (const std::size_t at = text.find("] "); text.starts_with('[') && at != std::string_view::npos) {
    text.remove_prefix(at + 2);
  }
  if (const std::size_t at = text.find(" - "); at != std::string_view::npos) text.remove_prefix(at + 3);
  return std::string{text.substr(0, text.find("; last read:"))};
}

// Builds the tree from nlohmann's parser events, and refuses what its own builder would let pass.
class TreeBuilder {
 public:
  TreeBuilder(std::string_view field, std::size_t depth_max) : field_(field), depth_max_(depth_max) {}
  TreeBuilder(const TreeBuilder&) = delete;
  TreeBuilder& operator=(const TreeBuilder&) = delete;
  // There may have been no memory for the rest.
  ~TreeBuilder() { detail::take_apart(root_); }

  bool null() { return place(nullptr); }
  bool boolean(bool value) { return place(value); }
  bool number_integer(std::int64_t value) { return place(value); }
  bool number_unsigned(std::uint64_t value) { return place(value); }
  bool string(std::string& value) { return place(std::move(value)); }
  bool binary(json::binary_t& value) { return place(std::move(value)); }

  bool number_float(double value, const std::string& token) {
    place(value);
    if (token.find_first_of(".eE") == std::string::npos) {
      throw values::invalid(field_, path(),
                            "must be an integer of 64 bits, or be written with a fraction or an exponent");
    }
    return true;
  }

  bool start_object(std::size_t /*elements*/) { return open(json::object()); }
  bool start_array(std::size_t /*elements*/) { return open(json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& key) {
    Level& level = open_.back();
    auto& members = level.container->get_ref<json::object_t&>();
    const auto [member, added] = members.try_emplace(std::move(key), nullptr);
    if (!added) {
      level.member = nullptr;
      JsonPath where = path();
      where.pop_back();
      throw values::invalid(field_, where, "has the key " + values::quoted(member->first) + " twice");
    }
    level.member = &*member;
    return true;
  }

  bool parse_error(std::size_t position, const std::string& /*token*/, const json::exception& error) {
    const std::size_t offset = position == 0 ? 0 : position - 1;
    if (error.id == number_overflow) {
      throw values::invalid(
          field_, {},
          "must not hold a number beyond the range of a double; one ends at byte " + std::to_string(offset));
    }
    throw values::invalid(field_, {},
                          "not well-formed JSON at byte " + std::to_string(offset) + ": " + rule_of(error));
  }

  json take() { return std::move(root_); }

 private:
  struct Level {
    json* container;
    json::object_t::value_type* member = nullptr;  // the one whose value is being read
  };

  template <class Value>
  json* put(Value&& value) {
    if (open_.empty()) {
      root_ = std::forward<Value>(value);
      return &root_;
    }
    const Level& level = open_.back();
    if (level.member != nullptr) {
      level.member->second = std::forward<Value>(value);
      return &level.member->second;
    }
    return &level.container->get_ref<json::array_t&>().emplace_back(std::forward<Value>(value));
  }

  template <class Value>
  bool place(Value&& value) {
    put(std::forward<Value>(value));
    return true;
  }

  bool open(json container) {
    if (open_.size() == depth_max_) {
      throw values::invalid(field_, {}, values::deeper_than(depth_max_));
    }
    open_.push_back({put(std::move(container))});
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  // Of the value that was placed last.
  [[nodiscard]] JsonPath path() const {
    JsonPath path;
    for (const Level& level : open_) {
      if (level.container->is_object()) {
        path.push_back({.key = level.member == nullptr ? nullptr : &level.member->first});
      } else {
        path.push_back({.index = level.container->size() - 1});
      }
    }
    return path;
  }

  std::string_view field_;
  std::size_t depth_max_;
  json root_;
  std::vector<Level> open_;
};

}  // namespace

json parse_json(std::string_view text, std::string_view field, std::size_t depth_max) {
  // Long results often are one.
  if (std::optional<std::string> string = values::read_json_string(text)) return *std::move(string);
  if (text.starts_with("\xef\xbb\xbf")) {
    throw values::invalid(field, {}, "must not begin with a byte order mark");
  }
  if (const std::size_t at = text.find('\0'); at != std::string_view::npos) {  // nlohmann takes it for the
                                                                               // end
    throw values::invalid(field, {}, "not well-formed JSON at byte " + std::to_string(at) + ": a NUL byte");
  }
  TreeBuilder builder{field, std::min(depth_max, json_depth_limit)};
  json::sax_parse(text.data(), text.data() + text.size(), &builder);
  return builder.take();
}

}  // namespace cairn
