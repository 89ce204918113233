#include "api/requests/json_measure.hpp"

#include <algorithm>

namespace cairn::api {
namespace {

// What nlohmann's tree takes with the allocator of glibc, which rounds up to 16 bytes and adds 8.
constexpr std::size_t value_bytes = 48;   // 16 in the array that holds it, three times while that grows
constexpr std::size_t member_bytes = 96;  // a node of a map, with the key
constexpr std::size_t object_bytes = 64;
constexpr std::size_t array_bytes = 32;
constexpr std::size_t string_bytes = 48;
constexpr std::size_t short_string_max = 15;   // bytes that need no memory of their own
constexpr std::size_t long_string_bytes = 32;  // beside the bytes themselves

constexpr bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

class Scan {
 public:
  Scan(std::string_view text, std::size_t elements_max) : text_(text), elements_max_(elements_max) {}

  JsonMeasure run() {
    at_ = skip_blanks(0);
    if (at_ < text_.size()) count_value();
    found_.is_array = at_ < text_.size() && text_[at_] == '[';
    for (; at_ < text_.size(); ++at_) take(text_[at_]);
    if (depth_ > 0) found_.is_array = false;
    return std::move(found_);
  }

 private:
  void take(char c) {
    switch (c) {
      case '"':
        return take_string();
      case '[':
        found_.tree_bytes += array_bytes;
        return open();
      case '{':
        found_.tree_bytes += object_bytes;
        return open();
      case ']':
      case '}':
        return close(c);
      case ',':
        return separate();
      case ':':
        found_.tree_bytes += member_bytes;
        return;
      default:
        // Behind the outermost value there may only be blanks.
        if (depth_ == 0 && is_closed_ && !is_blank(c)) found_.is_array = false;
    }
  }

  // Ends on its last quote.
  void take_string() {
    if (depth_ == 0 && is_closed_) found_.is_array = false;
    const std::size_t begin = ++at_;
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    const std::size_t bytes = std::min(at_, text_.size()) - begin;
    found_.tree_bytes += string_bytes;
    if (bytes > short_string_max) found_.tree_bytes += bytes + long_string_bytes;
  }

  void open() {
    if (depth_ == 0 && is_closed_) found_.is_array = false;
    ++depth_;
    const std::size_t first = skip_blanks(at_ + 1);
    const bool is_empty = first < text_.size() && (text_[first] == ']' || text_[first] == '}');
    if (depth_ == 1) begin_element();
    if (!is_empty) {
      count_value();
    } else if (depth_ == 1) {
      has_elements_ = false;
    }
  }

  void separate() {
    if (depth_ == 0) found_.is_array = false;
    if (depth_ == 1) {
      end_element();
      begin_element();
    }
    count_value();
  }

  void close(char bracket) {
    if (depth_ == 0) {
      found_.is_array = false;
      return;
    }
    if (depth_ == 1) {
      if (bracket != ']') found_.is_array = false;
      if (has_elements_) end_element();
      is_closed_ = true;
    }
    --depth_;
  }

  void count_value() {
    ++found_.values;
    found_.tree_bytes += value_bytes;
  }

  void begin_element() {
    element_begin_ = at_ + 1;
    tree_bytes_before_ = found_.tree_bytes;
  }

  void end_element() {
    ++found_.element_count;
    found_.largest_element_bytes = std::max(found_.largest_element_bytes,
                                            found_.tree_bytes - tree_bytes_before_);
    if (found_.elements.size() < elements_max_)
      found_.elements.push_back(text_.substr(element_begin_, at_ - element_begin_));
  }

  [[nodiscard]] std::size_t skip_blanks(std::size_t at) const {
    while (at < text_.size() && is_blank(text_[at])) ++at;
    return at;
  }

  std::string_view text_;
  std::size_t elements_max_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  bool is_closed_ = false;    // the outermost container
  bool has_elements_ = true;  // the same
  std::size_t element_begin_ = 0;
  std::size_t tree_bytes_before_ = 0;
  JsonMeasure found_;
};

}  // namespace

JsonMeasure measure_json(std::string_view text, std::size_t elements_max) {
  return Scan{text, elements_max}.run();
}

}  // namespace cairn::api
