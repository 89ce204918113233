#include <cairn/time.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

namespace cairn {
namespace {

constexpr Time first_moment = std::chrono::sys_days{std::chrono::year{0} / 1 / 1};
constexpr Time last_moment = std::chrono::sys_days{std::chrono::year{10000} / 1 / 1} - Duration{1};

// "00" to "99".
constexpr auto two_digits = [] {
  std::array<char, 200> table{};
  for (std::size_t i = 0; i < 100; ++i) {
    table[2 * i] = static_cast<char>('0' + i / 10);
    table[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return table;
}();

void write_two(char* at, std::size_t number) {
  at[0] = two_digits[2 * number];
  at[1] = two_digits[2 * number + 1];
}

}  // namespace

std::string to_iso8601(Time time) {
  time = std::clamp(time, first_moment, last_moment);
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  const auto ms = static_cast<unsigned>((time - day).count());  // of the day: below 86,400,000
  const unsigned seconds = ms / 1000;

  std::string text = "0000-00-00T00:00:00.000Z";
  write_two(&text[0], year / 100);
  write_two(&text[2], year % 100);
  write_two(&text[5], static_cast<unsigned>(date.month()));
  write_two(&text[8], static_cast<unsigned>(date.day()));
  write_two(&text[11], seconds / 3600);
  write_two(&text[14], seconds / 60 % 60);
  write_two(&text[17], seconds % 60);
  text[20] = static_cast<char>('0' + ms % 1000 / 100);
  write_two(&text[21], ms % 100);
  return text;
}

}  // namespace cairn
