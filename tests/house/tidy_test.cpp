#include "tests/house/tidy_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace house {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

template <class Check>
std::vector<Violation> check_all(const std::vector<SourceFile>& files, Check check) {
  EXPECT_FALSE(files.empty());
  std::vector<Violation> found;
  for (const SourceFile& file : files) {
    for (Violation& violation : check(file.path, file.text)) found.push_back(std::move(violation));
  }
  return found;
}

std::vector<Violation> co_await_in(std::string_view code) {
  return check_co_await("a.cpp", code);
}

TEST(CodeOnly, CommentsAndLiteralsAreBlankedAndLinesKept) {
  EXPECT_EQ(code_only("a; // b\nc;"), "a;     \nc;");
  EXPECT_EQ(code_only("a /* b\nc */ d"), "a     \n     d");
  EXPECT_EQ(code_only(R"(f("x \" // y", 'z');)"), R"(f("         ", ' ');)");
  EXPECT_EQ(code_only("R\"x(a\n\" b)x\" c"), "R\"   \n     \" c");
  EXPECT_EQ(code_only("1'000 + 2'000"), "1'000 + 2'000");
}

TEST(NoSleep, SleepingThreadsAreFound) {
  EXPECT_THAT(check_no_sleep("a.cpp", "std::this_thread::sleep_for(1s);\n"), SizeIs(1));
  EXPECT_THAT(check_no_sleep("a.cpp", "this_thread :: sleep_until(then);\n"), SizeIs(1));
  EXPECT_THAT(check_no_sleep("a.cpp", "  usleep(10);\n  ::sleep(1);\n"), SizeIs(2));
}

TEST(NoSleep, TheSleepsOfAWorkflowAreNone) {
  EXPECT_THAT(
      check_no_sleep("a.cpp", "co_await ctx.sleep(\"nap\", 24h);\nco_await ctx.sleep_until(\"x\", then);\n"),
      IsEmpty());
  EXPECT_THAT(check_no_sleep("a.cpp", "// std::this_thread::sleep_for\nprint(\"usleep(1)\");\n"), IsEmpty());
}

TEST(NoSleep, NoTestSleeps) {
  EXPECT_THAT(check_all(cpp_files({"tests"}), check_no_sleep), IsEmpty());
}

TEST(CoAwait, InAConditionIsRefused) {
  EXPECT_THAT(co_await_in("if (co_await ready()) co_return 1;"), SizeIs(1));
  EXPECT_THAT(co_await_in("if constexpr (co_await f()) {}"), SizeIs(1));
  EXPECT_THAT(co_await_in("while (!done(co_await next())) {}"), SizeIs(1));
  EXPECT_THAT(co_await_in("switch (int n = co_await f(); n) {}"), SizeIs(1));
  EXPECT_THAT(co_await_in("bool ready = co_await f();\nif (ready) { co_await g(); }"), IsEmpty());
  EXPECT_THAT(co_await_in("if (x) { } else { int y = co_await f(); }"), IsEmpty());
}

TEST(CoAwait, BesideBracesThatBuildAValueIsRefused) {
  EXPECT_THAT(co_await_in("co_await ctx.step(\"a\", Order{id, 5});"), SizeIs(1));
  EXPECT_THAT(co_await_in("auto x = co_await f({1, 2, 3});"), SizeIs(1));
  EXPECT_THAT(co_await_in("co_return co_await f(std::vector<int>{1, 2});"), SizeIs(1));
  EXPECT_THAT(co_await_in("co_await f(Local{}.g());"), SizeIs(1));
}

TEST(CoAwait, BesideOptionsIsAllowed) {
  EXPECT_THAT(co_await_in("co_await ctx.step(\"a\", {.timeout = 30s}, body);"), IsEmpty());
  EXPECT_THAT(
      co_await_in("co_await ctx.step(\"a\", {.retries = {.limit = 3, .delay = 1s}, .timeout = 30s}, body);"),
      IsEmpty());
  EXPECT_THAT(co_await_in("co_await ctx.step(\"a\", {}, body);"), IsEmpty());
  EXPECT_THAT(co_await_in("co_await ctx.sleep(\"nap\", std::chrono::milliseconds{5});"), IsEmpty());
}

TEST(CoAwait, ABodyWrittenInPlaceIsAScopeOfItsOwn) {
  EXPECT_THAT(co_await_in("co_await ctx.step(\"a\", [&] { return Order{1}; });"), IsEmpty());
  EXPECT_THAT(co_await_in("co_await ctx.step(\"a\", [&](StepContext& s) mutable -> Order { if (s.ok()) { } "
                          "return Order{1}; });"),
              IsEmpty());
  EXPECT_THAT(
      co_await_in("co_await all(ctx.step(\"a\", [] { return 1; }), ctx.step(\"b\", [] { return 2; }));"),
      IsEmpty());
  EXPECT_THAT(
      co_await_in("int n = co_await ctx.step(\"a\", [](StepContext&) -> boost::asio::awaitable<int> {\n"
                  "  boost::asio::steady_timer timer{co_await boost::asio::this_coro::executor, 5ms};\n"
                  "  co_return 4;\n});"),
      IsEmpty());
  EXPECT_THAT(co_await_in("co_await ctx.step(\"a\", [&] { return 1; }, Order{1});"), SizeIs(1));
  EXPECT_THAT(co_await_in("co_await f(names[0], Order{1});"), SizeIs(1));
}

TEST(CoAwait, InsideWhatIsBuiltIsRefused) {
  EXPECT_THAT(co_await_in("Receipt r{.charge = co_await f()};"), SizeIs(1));
  EXPECT_THAT(co_await_in("co_return Receipt{co_await f(), parcel};"), SizeIs(1));
  EXPECT_THAT(co_await_in("auto charge = co_await f();\nco_return Receipt{charge, parcel};"), IsEmpty());
}

TEST(CoAwait, InAnArmOfAChoiceIsRefused) {
  EXPECT_THAT(co_await_in("std::string r = ready ? co_await f() : no;"), SizeIs(1));
  EXPECT_THAT(co_await_in("std::string r = ready ? no : co_await f();"), SizeIs(1));
  EXPECT_THAT(co_await_in("std::string r = no;\nif (ready) r = co_await f();"), IsEmpty());
  EXPECT_THAT(co_await_in("int n = co_await f(ready ? 1 : 2);\nco_await g();"), IsEmpty());
}

TEST(CoAwait, TheLineOfTheFaultIsNamed) {
  const std::vector<Violation> found = co_await_in("int a = 1;\n\nif (\n  co_await f()) {}\n");
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].line, 3);
}

// Some sources are there to be refused, or to be tried with a compiler.
TEST(CoAwait, ExamplesAndTestsAwaitSafely) {
  std::vector<SourceFile> files = cpp_files({"examples", "tests"});
  std::erase_if(files, [](const SourceFile& file) {
    return file.path.starts_with("tests/include/") || file.path.starts_with("tests/gcc12/");
  });
  EXPECT_THAT(check_all(files, check_co_await), IsEmpty());
}

TEST(CoAwait, EveryPublicFunctionThatTakesACallableIsTriedBesideIt) {
  const std::string tried = read_file(source_dir() / "tests/include/beside_co_await.cpp") +
                            read_file(source_dir() / "tests/include/safe_beside_co_await.cpp");
  static const std::regex callable{
      R"(\bauto (\w+)\([^)]*\b(Body|Function|CompletionToken|Handler|Predicate)&{0,2} \w+)"};
  std::vector<std::string> missing;
  for (const SourceFile& file : cpp_files({"include"})) {
    if (file.path.starts_with("include/cairn/detail/")) continue;
    for (std::sregex_iterator match{file.text.begin(), file.text.end(), callable}, end; match != end;
         ++match) {
      const std::string name = (*match)[1];
      if (name != "make_step" && tried.find('.' + name + '(') == std::string::npos) missing.push_back(name);
    }
  }
  EXPECT_THAT(missing, IsEmpty());
}

TEST(OpenNotes, AreFoundAsWords) {
  EXPECT_THAT(check_no_notes("a.cpp", std::string{"// TO"} + "DO: later\n"), SizeIs(1));
  EXPECT_THAT(check_no_notes("a.cpp", std::string{"x\n# FIX"} + "ME\n"), SizeIs(1));
  EXPECT_THAT(check_no_notes("a.cpp", "mastodon, fixmend\n"), IsEmpty());
}

TEST(OpenNotes, ThereAreNone) {
  const std::vector<SourceFile> files = text_files({"", "include", "values", "engine", "storage", "api",
                                                    "cli", "tests", "benchmarks", "examples", "docs", "cmake",
                                                    "scripts", ".ci"});
  EXPECT_THAT(check_all(files, check_no_notes), IsEmpty());
}

TEST(What, IsFoundWhereItIsAsked) {
  EXPECT_THAT(check_no_what("a.cpp", "log(error.what());\nlog(error->what ());\n"), SizeIs(2));
  EXPECT_THAT(check_no_what("a.cpp", "log(what_of(error));  // error.what()\nwhat();\n"), IsEmpty());
}

TEST(What, IsAskedInOnePlaceOfTheLibrary) {
  std::vector<SourceFile> files = cpp_files({"include", "values", "engine", "storage", "api"});
  std::erase_if(files, [](const SourceFile& file) { return file.path == "values/error_text.cpp"; });
  EXPECT_THAT(check_all(files, check_no_what), IsEmpty());
}

TEST(WaitingForEver, IsFound) {
  EXPECT_THAT(check_no_waiting_for_ever("a.cpp", "std::condition_variable_any a;\nstd::shared_lock b{c};\n"),
              SizeIs(2));
  EXPECT_THAT(check_no_waiting_for_ever("a.cpp", "Signal a;  // no condition_variable\nstd::mutex b;\n"),
              IsEmpty());
}

// A clock of the host is given one, and the engine looks for itself every second.
TEST(WaitingForEver, IsLeftToNoThreadOfTheLibrary) {
  std::vector<SourceFile> files = cpp_files({"include", "values", "engine", "storage"});
  std::erase_if(files, [](const SourceFile& file) {
    const std::string_view path{file.path};
    return path == "include/cairn/detail/signal.hpp" || path.ends_with("clock.hpp") ||
           path.ends_with("clock.cpp");
  });
  EXPECT_THAT(check_all(files, check_no_waiting_for_ever), IsEmpty());
}

TEST(Length, IsCountedInLines) {
  EXPECT_THAT(check_length("a.cpp", "a\nb\n", 2), IsEmpty());
  EXPECT_THAT(check_length("a.cpp", "a\nb\nc\n", 2), SizeIs(1));
}

TEST(Length, NoFileOfTheLibraryHasMoreThan300Lines) {
  std::vector<SourceFile> files = cpp_files(
      {"include", "values", "engine", "storage", "api", "check", "cli"});
  // What an instance decides about itself is to leave it.
  std::erase_if(files, [](const SourceFile& file) { return file.path == "engine/conductor/conductor.hpp"; });
  const auto check = [](std::string_view path, std::string_view text) {
    return check_length(path, text, 300);
  };
  EXPECT_THAT(check_all(files, check), IsEmpty());
}

TEST(Length, NoTestHasMoreThan400Lines) {
  const auto check = [](std::string_view path, std::string_view text) {
    return check_length(path, text, 400);
  };
  EXPECT_THAT(check_all(cpp_files({"tests", "benchmarks"}), check), IsEmpty());
}

TEST(Length, AnExampleIsShort) {
  std::vector<SourceFile> files = cpp_files({"examples"});
  std::erase_if(files,
                [](const SourceFile& file) { return file.path.starts_with("examples/verify_packages/"); });
  const auto check = [](std::string_view path, std::string_view text) {
    return check_length(path, text, 100);
  };
  EXPECT_THAT(check_all(files, check), IsEmpty());
  EXPECT_THAT(check_length("examples/hello.cpp", read_file(source_dir() / "examples/hello.cpp"), 40),
              IsEmpty());
}

TEST(Readme, TheFirstCppBlockIsFound) {
  EXPECT_EQ(first_cpp_block("text\n```sh\nls\n```\n```cpp\nint a;\nint b;\n```\nmore\n```cpp\nint c;\n```\n"),
            "int a;\nint b;\n");
  EXPECT_EQ(first_cpp_block("text\n"), "");
}

TEST(Readme, TheProgramOnItsFirstScreenIsTheExampleThatIsBuiltAndRun) {
  const std::string readme = read_file(source_dir() / "README.md");
  EXPECT_EQ(first_cpp_block(readme), read_file(source_dir() / "examples/hello.cpp"));
}

}  // namespace
}  // namespace house
