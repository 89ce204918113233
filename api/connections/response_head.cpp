#include "api/connections/response_head.hpp"

#include <array>
#include <string_view>

namespace cairn::api {
namespace {

std::string_view reason_of(int status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";
  }
}

void append_two_digits(std::string& out, unsigned number) {
  out += static_cast<char>('0' + number / 10 % 10);
  out += static_cast<char>('0' + number % 10);
}

}  // namespace

std::string http_date(std::chrono::sys_seconds date) {
  static constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(date);
  const std::chrono::year_month_day calendar{day};
  const std::chrono::hh_mm_ss time{date - day};
  std::string text{days[std::chrono::weekday{day}.c_encoding()]};
  text += ", ";
  append_two_digits(text, static_cast<unsigned>(calendar.day()));
  text += ' ';
  text += months[static_cast<unsigned>(calendar.month()) - 1];
  text += ' ';
  text += std::to_string(static_cast<int>(calendar.year()));
  text += ' ';
  append_two_digits(text, static_cast<unsigned>(time.hours().count()));
  text += ':';
  append_two_digits(text, static_cast<unsigned>(time.minutes().count()));
  text += ':';
  append_two_digits(text, static_cast<unsigned>(time.seconds().count()));
  text += " GMT";
  return text;
}

std::string response_head(const Response& response, bool keep_alive, std::chrono::sys_seconds date) {
  std::string text;
  text.reserve(320);
  text += "HTTP/1.1 ";
  text += std::to_string(response.status);
  text += ' ';
  text += reason_of(response.status);
  text += "\r\nDate: ";
  text += http_date(date);
  text += keep_alive ? "\r\nConnection: keep-alive" : "\r\nConnection: close";
  if (response.status != 204) {
    text += "\r\nContent-Length: ";
    text += std::to_string(response.body.size());
  }
  for (const Header& header : response.headers) {
    text += "\r\n";
    text += header.name;
    text += ": ";
    text += header.value;
  }
  text += "\r\n\r\n";
  return text;
}

}  // namespace cairn::api
