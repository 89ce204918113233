#include "values/excerpt.hpp"

#include <cairn/duration.hpp>
#include <cairn/error.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace cairn {
namespace {

// No duration needs more; it bounds the work on any text.
constexpr std::size_t text_bytes_max = 64;

struct Unit {
  std::string_view name;
  std::int64_t ms;
  bool plural = true;
};

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::array units{
    Unit{"ms", 1, false},       Unit{"second", 1000},
    Unit{"minute", 60'000},     Unit{"hour", 3'600'000},
    Unit{"day", day_ms},        Unit{"week", 7 * day_ms},
    Unit{"month", 30 * day_ms}, Unit{"year", 365 * day_ms + day_ms / 4},
};

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t count_digits(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  return count;
}

const Unit* find_unit(std::string_view word) {
  for (const Unit& unit : units) {
    if (word == unit.name) return &unit;
    if (unit.plural && word.size() == unit.name.size() + 1 && word.starts_with(unit.name) &&
        word.ends_with('s'))
      return &unit;
  }
  return nullptr;
}

class Parser {
 public:
  Parser(std::string_view text, std::string_view field) : text_(text), field_(field) {}

  Duration parse() const {
    if (text_.empty() || text_.size() > text_bytes_max) {
      refuse("must be 1 to 64 characters: a number and a unit, such as '5 minutes'");
    }
    if (text_.front() == '-' || text_.front() == '+') refuse("must not have a sign");

    std::string_view rest = text_;
    const std::string_view whole = take_digits(rest, "must begin with a digit");
    std::string_view fraction;
    if (rest.starts_with('.')) {
      rest.remove_prefix(1);
      fraction = take_digits(rest, "must have digits after the decimal point");
    }
    if (rest.empty()) refuse("must end with a unit, such as '5 minutes'");
    if (rest.front() != ' ') {
      refuse("must be digits, optionally with a fraction, then a space and a unit, such as '5 minutes'");
    }
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));

    const Unit* unit = find_unit(rest);
    if (unit == nullptr) {
      refuse(
          "must end with one of the units ms, second, minute, hour, day, week, month, year, or its plural in "
          "s");
    }
    return multiply(whole, fraction, unit->ms);
  }

 private:
  std::string_view take_digits(std::string_view& rest, std::string_view rule) const {
    const std::size_t count = count_digits(rest);
    if (count == 0) refuse(rule);
    const std::string_view digits = rest.substr(0, count);
    rest.remove_prefix(count);
    return digits;
  }

  // Exact, as on paper: with doubles, some fractions would end up a millisecond off.
  Duration multiply(std::string_view whole, std::string_view fraction, std::int64_t unit_ms) const {
    const std::int64_t most = duration_max.count() / unit_ms;
    std::int64_t number = 0;
    for (const char digit : whole) {
      number = number * 10 + (digit - '0');
      if (number > most) refuse_above_max();
    }
    std::int64_t carry = 0;
    std::int64_t tenths = 0;  // first digit of what is left below a millisecond
    for (auto digit = fraction.rbegin(); digit != fraction.rend(); ++digit) {
      const std::int64_t product = (*digit - '0') * unit_ms + carry;
      tenths = product % 10;
      carry = product / 10;
    }
    const Duration total{number * unit_ms + carry + (tenths >= 5 ? 1 : 0)};
    if (total > duration_max) refuse_above_max();
    return total;
  }

  [[noreturn]] void refuse_above_max() const { refuse("must be at most " + to_string(duration_max)); }

  [[noreturn]] void refuse(std::string_view rule) const {
    const std::string got = text_.size() > text_bytes_max ? std::to_string(text_.size()) + " characters"
                                                          : values::quoted(text_);
    throw Error{Errc::invalid_argument, std::string{field_} + ": " + std::string{rule} + "; got " + got};
  }

  std::string_view text_;
  std::string_view field_;
};

}  // namespace

Duration parse_duration(std::string_view text, std::string_view field) {
  return Parser{text, field}.parse();
}

std::string to_string(Duration duration) {
  // Not in weeks, months and years: a month in a message would leave open which one.
  const Unit* best = &units[0];
  for (const Unit& unit : units) {
    if (unit.ms <= day_ms && duration.count() != 0 && duration.count() % unit.ms == 0) best = &unit;
  }
  const std::int64_t number = duration.count() / best->ms;
  const bool plural = best->plural && number != 1 && number != -1;
  return std::to_string(number) + " " + std::string{best->name} + (plural ? "s" : "");
}

}  // namespace cairn
