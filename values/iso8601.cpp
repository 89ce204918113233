#include <cairn/time.hpp>

namespace cairn {

namespace {

/// Reads fixed-width decimal fields from the front of a text.
class Fields {
 public:
  explicit Fields(std::string_view text) : rest_(text) {}

  int number(std::size_t width) {
    int value = 0;
    if (rest_.size() < width) good_ = false;
    for (std::size_t i = 0; good_ && i < width; ++i) {
      good_ = rest_[i] >= '0' && rest_[i] <= '9';
      value = value * 10 + (rest_[i] - '0');
    }
    if (good_) rest_.remove_prefix(width);
    return value;
  }

  void literal(char character) {
    good_ = good_ && !rest_.empty() && rest_.front() == character;
    if (good_) rest_.remove_prefix(1);
  }

  // One to nine digits of a second, cut to milliseconds.
  int fraction() {
    int value = 0;
    std::size_t digits = 0;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9' && digits < 9;
         ++digits, rest_.remove_prefix(1)) {
      if (digits < 3) value = value * 10 + (rest_.front() - '0');
    }
    good_ = good_ && digits > 0;
    for (std::size_t missing = digits; missing < 3; ++missing) value *= 10;
    return value;
  }

  // From UTC: `Z`, or `+02:00`.
  std::chrono::minutes offset() {
    if (starts_with('Z')) {
      literal('Z');
      return {};
    }
    const bool behind = starts_with('-');
    literal(behind ? '-' : '+');
    const int hours = number(2);
    literal(':');
    const int minutes = number(2);
    good_ = good_ && hours <= 23 && minutes <= 59;
    const std::chrono::minutes distance = std::chrono::hours{hours} + std::chrono::minutes{minutes};
    return behind ? -distance : distance;
  }

  [[nodiscard]] bool starts_with(char character) const {
    return !rest_.empty() && rest_.front() == character;
  }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool at_end() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

std::optional<Time> parse_iso8601(std::string_view text) noexcept {
  Fields fields{text};
  const int year = fields.number(4);
  fields.literal('-');
  const int month = fields.number(2);
  fields.literal('-');
  const int day = fields.number(2);
  fields.literal('T');
  const int hour = fields.number(2);
  fields.literal(':');
  const int minute = fields.number(2);
  fields.literal(':');
  const int second = fields.number(2);
  int milliseconds = 0;
  if (fields.good() && fields.starts_with('.')) {
    fields.literal('.');
    milliseconds = fields.fraction();
  }
  const std::chrono::minutes offset = fields.offset();
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!fields.at_end() || !date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const Time time = Time{std::chrono::sys_days{date}} + std::chrono::hours{hour} +
                    std::chrono::minutes{minute} + std::chrono::seconds{second} + Duration{milliseconds} -
                    offset;
  const std::chrono::year year_of_utc =
      std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(time)}.year();
  if (year_of_utc < std::chrono::year{0} || year_of_utc > std::chrono::year{9999}) return std::nullopt;
  return time;
}

}  // namespace cairn
