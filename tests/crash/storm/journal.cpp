#include "tests/crash/storm/journal.hpp"

#include <array>
#include <map>
#include <sstream>
#include <stdexcept>

namespace cairn::testing {
namespace {

constexpr std::array<std::string_view, 6> kinds{"create", "send", "pause", "resume", "terminate", "restart"};

[[noreturn]] void refuse(const std::string& line) {
  throw std::runtime_error("no line of a journal: " + line);
}

Act::Kind kind_of(const std::string& word, const std::string& line) {
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (kinds[i] == word) return static_cast<Act::Kind>(i);
  }
  refuse(line);
}

Act parse_invocation(std::istream& words, const std::string& line) {
  Act act;
  std::string kind;
  if (!(words >> act.client >> kind)) refuse(line);
  act.kind = kind_of(kind, line);
  std::string kept;
  if (act.kind == Act::Kind::create && !(words >> act.workflow >> act.number >> kept)) refuse(line);
  if (act.kind == Act::Kind::send && !(words >> act.number)) refuse(line);
  act.expires = kept == "expires";
  for (std::string id; words >> id;) act.ids.push_back(id);
  if (act.ids.empty()) refuse(line);
  return act;
}

}  // namespace

std::string_view to_string(Act::Kind kind) {
  return kinds[static_cast<std::size_t>(kind)];
}

void Journal::life(int number) {
  file_.append("life " + std::to_string(number), false);
}

void Journal::invoke(const Act& act) {
  std::ostringstream line;
  line << "invoke " << act.client << ' ' << to_string(act.kind);
  if (act.kind == Act::Kind::create) {
    line << ' ' << act.workflow << ' ' << act.number << (act.expires ? " expires" : " stays");
  }
  if (act.kind == Act::Kind::send) line << ' ' << act.number;
  for (const std::string& id : act.ids) line << ' ' << id;
  file_.append(line.str(), false);
}

void Journal::done(int client) {
  file_.append("done " + std::to_string(client), false);
}

void Journal::refused(int client, std::string_view code) {
  file_.append("refused " + std::to_string(client) + " " + std::string{code}, false);
}

std::vector<Act> read_journal(const std::filesystem::path& file) {
  return parse_journal(read_appended(file));
}

std::vector<Act> parse_journal(const std::vector<std::string>& lines) {
  std::vector<Act> acts;
  std::map<int, std::size_t> open;  // by client
  for (const std::string& line : lines) {
    std::istringstream words{line};
    std::string word;
    words >> word;
    if (word == "life") {
      open.clear();
    } else if (word == "invoke") {
      acts.push_back(parse_invocation(words, line));
      open[acts.back().client] = acts.size() - 1;
    } else if (word == "done" || word == "refused") {
      int client = -1;
      words >> client;
      const auto asked = open.find(client);
      if (asked == open.end()) refuse(line);
      Act& act = acts[asked->second];
      act.outcome = word == "done" ? Act::Outcome::done : Act::Outcome::refused;
      words >> act.code;
      open.erase(asked);
    } else {
      refuse(line);
    }
  }
  return acts;
}

}  // namespace cairn::testing
