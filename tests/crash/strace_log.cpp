#include "tests/crash/strace_log.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace cairn::testing {
namespace {

constexpr std::string_view unfinished = " <unfinished ...>";
constexpr std::string_view acknowledgement = "ack ";

[[noreturn]] void refuse(std::string_view line) {
  throw std::runtime_error("no line of strace: " + std::string{line.substr(0, 200)});
}

// "pwrite64(5</tmp/x>, \"abc\", 3, 0) = 3" without its end, if that came in another line.
SystemCall parse_call(std::string_view text) {
  SystemCall call;
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos) refuse(text);
  call.name = text.substr(0, open);
  const std::size_t file_begin = text.find('<', open);
  // The file ends at ">, " or ">)": a name may have a ">" in it.
  const std::size_t file_end = std::min(text.find(">, ", open), text.find(">)", open));
  if (file_begin != std::string_view::npos) {
    const std::size_t end = std::min(file_end, text.size() - (text.ends_with('>') ? 1 : 0));
    call.file = text.substr(file_begin + 1, end - file_begin - 1);
  }
  const std::size_t quote = text.find('"', open);
  const std::size_t last_quote = text.rfind('"');
  if (quote != std::string_view::npos && last_quote > quote) {
    call.content = text.substr(quote + 1, last_quote - quote - 1);
  }
  if (call.name == "pwrite64") {
    const std::size_t comma = text.rfind(", ");
    if (comma != std::string_view::npos) call.offset = std::stoll(std::string{text.substr(comma + 2)});
  }
  return call;
}

std::int64_t result_of(std::string_view text) {
  const std::size_t equals = text.rfind(" = ");
  if (equals == std::string_view::npos) refuse(text);
  const std::string result{text.substr(equals + 3)};
  return result.starts_with('?') ? -1 : std::stoll(result);
}

bool is_flush(const SystemCall& call) {
  return (call.name == "fdatasync" || call.name == "fsync") && call.result == 0;
}

std::string log_of(const std::filesystem::path& database) {
  return database.string() + "-wal";
}

// "ack WORD\n" as strace writes it.
std::optional<std::string> acknowledged_word(const SystemCall& call, const std::filesystem::path& lines) {
  if (call.name != "write" || call.file != lines.string()) return std::nullopt;
  if (!call.content.starts_with(acknowledgement)) return std::nullopt;
  const std::size_t end = call.content.find("\\n");
  return call.content.substr(acknowledgement.size(), end - acknowledgement.size());
}

}  // namespace

std::vector<SystemCall> parse_strace(std::istream& log) {
  std::vector<SystemCall> calls;
  std::map<std::string, SystemCall> open;  // by thread
  std::size_t number = 0;
  for (std::string line; std::getline(log, line);) {
    ++number;
    const std::size_t space = line.find(' ');
    const std::size_t begin = line.find_first_not_of(' ', space);
    if (space == std::string::npos || begin == std::string::npos) refuse(line);
    const std::string thread = line.substr(0, space);
    const std::string_view text = std::string_view{line}.substr(begin);
    if (text.starts_with("+++") || text.starts_with("---")) continue;
    if (text.starts_with("<... ")) {
      const auto begun = open.find(thread);
      if (begun == open.end()) refuse(line);
      SystemCall call = std::move(begun->second);
      open.erase(begun);
      call.result = result_of(text);
      call.returned = number;
      calls.push_back(std::move(call));
      continue;
    }
    const bool has_returned = !text.ends_with(unfinished);
    const std::string_view described = has_returned ? text.substr(0, text.rfind(" = "))
                                                    : text.substr(0, text.size() - unfinished.size());
    SystemCall call = parse_call(described);
    call.entered = number;
    call.returned = number;
    if (has_returned) {
      call.result = result_of(text);
      calls.push_back(std::move(call));
    } else {
      open.insert_or_assign(thread, std::move(call));
    }
  }
  return calls;
}

Flushes count_flushes(const std::vector<SystemCall>& calls, const std::filesystem::path& database) {
  const std::string log = log_of(database);
  Flushes flushes;
  bool frames = false;
  bool header = false;
  for (const SystemCall& call : calls) {
    if (call.file == database.string() && is_flush(call)) ++flushes.database;
    if (call.file != log) continue;
    if (call.name == "pwrite64") (call.offset == 0 ? header : frames) = true;
    if (!is_flush(call)) continue;
    ++(frames ? flushes.transactions : header ? flushes.log_headers : flushes.before_checkpoints);
    frames = false;
    header = false;
  }
  return flushes;
}

std::vector<std::string> acknowledged_too_early(const std::vector<SystemCall>& calls,
                                                const std::filesystem::path& database,
                                                const std::filesystem::path& lines) {
  const std::string log = log_of(database);
  std::vector<std::string> early;
  for (const SystemCall& line : calls) {
    const auto word = acknowledged_word(line, lines);
    if (!word) continue;
    const auto written = std::find_if(calls.begin(), calls.end(), [&](const SystemCall& call) {
      return call.name == "pwrite64" && call.file == log && call.content.find(*word) != std::string::npos;
    });
    const auto flushed = std::find_if(written, calls.end(), [&](const SystemCall& call) {
      return call.file == log && is_flush(call) && call.entered > written->returned;
    });
    if (flushed == calls.end() || flushed->returned >= line.entered) early.push_back(*word);
  }
  return early;
}

std::size_t count_acknowledgements(const std::vector<SystemCall>& calls, const std::filesystem::path& lines) {
  return static_cast<std::size_t>(std::count_if(calls.begin(), calls.end(), [&](const SystemCall& call) {
    return acknowledged_word(call, lines).has_value();
  }));
}

}  // namespace cairn::testing
