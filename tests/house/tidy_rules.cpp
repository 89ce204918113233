#include "tests/house/tidy_rules.hpp"

#include <algorithm>
#include <cctype>
#include <regex>
#include <string>

namespace house {
namespace {

using Offset = std::size_t;
constexpr Offset npos = std::string_view::npos;

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}
bool is_space(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}
bool opens(char c) {
  return c == '(' || c == '[' || c == '{';
}
bool closes(char c) {
  return c == ')' || c == ']' || c == '}';
}

// The next place, from `from`, where the word stands by itself.
Offset find_word(std::string_view code, std::string_view word, Offset from = 0) {
  for (Offset at = code.find(word, from); at != npos; at = code.find(word, at + 1)) {
    const Offset end = at + word.size();
    if ((at == 0 || !is_word(code[at - 1])) && (end == code.size() || !is_word(code[end]))) return at;
  }
  return npos;
}

// The offset of the bracket that closes the one at `open`; the end of the code when it is not closed.
Offset closing(std::string_view code, Offset open) {
  int depth = 0;
  for (Offset i = open; i < code.size(); ++i) {
    if (opens(code[i])) ++depth;
    if (closes(code[i]) && --depth == 0) return i;
  }
  return code.size();
}

Offset skip_spaces(std::string_view code, Offset i) {
  while (i < code.size() && is_space(code[i])) ++i;
  return i;
}

// The last offset before `i` that is no space; npos when there is none.
Offset before(std::string_view code, Offset i) {
  while (i > 0) {
    if (!is_space(code[--i])) return i;
  }
  return npos;
}

// A '[' that begins a lambda, not one that indexes.
bool begins_lambda(std::string_view code, Offset bracket) {
  const Offset previous = before(code, bracket);
  if (previous == npos) return true;
  return !is_word(code[previous]) && code[previous] != ')' && code[previous] != ']';
}

// The offset after the lambda that begins at `bracket`. Its body is a scope of its own.
Offset after_lambda(std::string_view code, Offset bracket) {
  Offset i = closing(code, bracket) + 1;
  while (i < code.size() && code[i] != '{') i = code[i] == '(' ? closing(code, i) + 1 : i + 1;
  return i < code.size() ? closing(code, i) + 1 : i;
}

// Braces that GCC 12 handles well beside a co_await: options with designators or none at all, and spans of
// time.
bool harmless_braces(std::string_view code, Offset brace) {
  const Offset previous = before(code, brace);
  const bool bare = previous != npos &&
                    (code[previous] == '(' || code[previous] == ',' || code[previous] == '=');
  const Offset first = skip_spaces(code, brace + 1);
  if (bare) return first < code.size() && (code[first] == '.' || code[first] == '}');
  static const std::regex span{R"(\b(nanoseconds|microseconds|milliseconds|seconds|minutes|hours|days)\s*$)"};
  const Offset begin = brace > 40 ? brace - 40 : 0;
  return std::regex_search(code.begin() + static_cast<std::ptrdiff_t>(begin),
                           code.begin() + static_cast<std::ptrdiff_t>(brace), span);
}

// Walks a full expression from `begin` to its end: a ';' or the bracket that closes what it stands in. Tells
// `seen` of every '{' outside lambdas, until that answers false.
template <class Seen>
void for_each_brace(std::string_view code, Offset begin, Seen seen) {
  int depth = 0;
  for (Offset i = begin; i < code.size();) {
    const char c = code[i];
    if (c == ';' || (closes(c) && depth == 0)) return;
    if (c == '[' && begins_lambda(code, i)) {
      i = after_lambda(code, i);
      continue;
    }
    if (c == '{' && !seen(i)) return;
    if (opens(c)) ++depth;
    if (closes(c)) --depth;
    ++i;
  }
}

class CoAwaitCheck {
 public:
  CoAwaitCheck(std::string_view path, std::string_view text) : path_{path}, code_{code_only(text)} {}

  std::vector<Violation> run() {
    for (std::string_view keyword : {"if", "while", "switch"}) conditions(keyword);
    braces_beside();
    braces_around();
    arms_of_choices();
    std::sort(found_.begin(), found_.end(), [](const auto& a, const auto& b) { return a.line < b.line; });
    return std::move(found_);
  }

 private:
  void report(Offset at, std::string message) {
    found_.push_back({path_, line_at(code_, at), std::move(message)});
  }

  void conditions(std::string_view keyword) {
    for (Offset at = find_word(code_, keyword); at != npos; at = find_word(code_, keyword, at + 1)) {
      Offset open = skip_spaces(code_, at + keyword.size());
      if (code_.compare(open, 9, "constexpr") == 0) open = skip_spaces(code_, open + 9);
      if (open >= code_.size() || code_[open] != '(') continue;
      const Offset close = closing(code_, open);
      if (find_word(std::string_view{code_}.substr(0, close), "co_await", open) == npos) continue;
      report(at, "co_await inside the condition of " + std::string{keyword} + ": await into a name first");
    }
  }

  void braces_beside() {
    for (Offset at = find_word(code_, "co_await"); at != npos; at = find_word(code_, "co_await", at + 1)) {
      for_each_brace(code_, at, [&](Offset brace) {
        if (harmless_braces(code_, brace)) return true;
        report(brace, "braces beside a co_await: name the value first");
        return false;
      });
    }
  }

  // What such an arm gives is destroyed twice.
  void arms_of_choices() {
    static const std::regex arm{R"(\?[^;{}]*\bco_await\b)"};
    for (std::sregex_iterator match{code_.begin(), code_.end(), arm}, end; match != end; ++match)
      report(static_cast<Offset>(match->position()), "co_await in an arm of a choice: await in an if");
  }

  void braces_around() {
    static const std::regex designator{R"(\.\s*\w+\s*=\s*co_await\b)"};
    for (std::sregex_iterator match{code_.begin(), code_.end(), designator}, end; match != end; ++match) {
      report(static_cast<Offset>(match->position()), "co_await inside an aggregate: await into a name first");
    }
    for (Offset at = find_word(code_, "co_return"); at != npos; at = find_word(code_, "co_return", at + 1)) {
      for_each_brace(code_, at, [&](Offset brace) {
        const std::string_view value = std::string_view{code_}.substr(0, closing(code_, brace));
        if (find_word(value, "co_await", brace) == npos) return true;
        report(at, "co_await inside what co_return builds: await into a name first");
        return false;
      });
    }
  }

  std::string path_;
  std::string code_;
  std::vector<Violation> found_;
};

}  // namespace

std::vector<Violation> check_no_sleep(std::string_view path, std::string_view text) {
  static const std::regex sleep{
      R"(\bthis_thread\s*::\s*sleep_\w+|\b(usleep|nanosleep)\s*\(|[^\w:.>]::\s*sleep\s*\()"};
  const std::string code = code_only(text);
  std::vector<Violation> found;
  for (std::sregex_iterator match{code.begin(), code.end(), sleep}, end; match != end; ++match) {
    found.push_back(
        {std::string{path}, line_at(code, static_cast<Offset>(match->position())), "a test that sleeps"});
  }
  return found;
}

std::vector<Violation> check_co_await(std::string_view path, std::string_view text) {
  return CoAwaitCheck{path, text}.run();
}

std::vector<Violation> check_no_notes(std::string_view path, std::string_view text) {
  std::vector<Violation> found;
  // Put together here, so that this file does not break its own rule.
  for (const std::string& note :
       {std::string{"TO"} + "DO", std::string{"FIX"} + "ME", std::string{"XX"} + "X"}) {
    for (Offset at = find_word(text, note); at != npos; at = find_word(text, note, at + 1)) {
      found.push_back({std::string{path}, line_at(text, at), "an open note: " + note});
    }
  }
  return found;
}

std::vector<Violation> check_no_what(std::string_view path, std::string_view text) {
  static const std::regex what{R"((\.|->)\s*what\s*\()"};
  const std::string code = code_only(text);
  std::vector<Violation> found;
  for (std::sregex_iterator match{code.begin(), code.end(), what}, end; match != end; ++match) {
    found.push_back({std::string{path}, line_at(code, static_cast<Offset>(match->position())),
                     "asks what(): say what_of, which makes a text of whatever it gives"});
  }
  return found;
}

std::vector<Violation> check_no_waiting_for_ever(std::string_view path, std::string_view text) {
  static const std::regex lock{R"(\b(condition_variable(_any)?|shared_(timed_)?mutex|shared_lock)\b)"};
  const std::string code = code_only(text);
  std::vector<Violation> found;
  for (std::sregex_iterator match{code.begin(), code.end(), lock}, end; match != end; ++match) {
    found.push_back({std::string{path}, line_at(code, static_cast<Offset>(match->position())),
                     "waits for ever, if need be: say Signal, or Passage"});
  }
  return found;
}

std::vector<Violation> check_length(std::string_view path, std::string_view text, int lines_max) {
  const int count = static_cast<int>(lines(text).size());
  if (count <= lines_max) return {};
  return {{std::string{path}, count, "has more than " + std::to_string(lines_max) + " lines"}};
}

std::string_view first_cpp_block(std::string_view markdown) {
  static constexpr std::string_view fence{"```cpp\n"};
  const Offset open = markdown.find(fence);
  if (open == npos) return {};
  const Offset begin = open + fence.size();
  const Offset end = markdown.find("\n```", begin);
  return end == npos ? std::string_view{} : markdown.substr(begin, end + 1 - begin);
}

}  // namespace house
