#include "tests/house/include_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace house {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

TEST(IncludeRules, TheFoldersMeetOnlyInThePublicHeaders) {
  EXPECT_THAT(check_includes("engine/instance/retry.cpp",
                             "#include \"engine/instance/retry.hpp\"\n#include <cairn/store.hpp>\n"),
              IsEmpty());
  EXPECT_THAT(check_includes("engine/instance/retry.cpp", "#include \"storage/rules.hpp\"\n"), SizeIs(1));
  EXPECT_THAT(check_includes("engine/instance/retry.cpp", "#include \"api/requests/router.hpp\"\n"),
              SizeIs(1));
  EXPECT_THAT(check_includes("storage/memory/store.cpp", "#include \"engine/instance/retry.hpp\"\n"),
              SizeIs(1));
  EXPECT_THAT(check_includes("storage/rules.cpp", "#include \"api/requests/router.hpp\"\n"), SizeIs(1));
  EXPECT_THAT(check_includes("api/requests/router.cpp", "#include \"engine/instance/retry.hpp\"\n"),
              SizeIs(1));
  EXPECT_THAT(check_includes("api/requests/router.cpp", "#include \"storage/rules.hpp\"\n"), SizeIs(1));
  EXPECT_THAT(check_includes("cli/main.cpp", "#include \"storage/rules.hpp\"\n"), SizeIs(1));
}

TEST(IncludeRules, TheCheckerSharesNoCodeWithWhatItChecks) {
  EXPECT_THAT(
      check_includes("check/check_file.cpp", "#include <SQLiteCpp/Database.h>\n#include <cairn/check.hpp>\n"),
      IsEmpty());
  EXPECT_THAT(check_includes("check/check_file.cpp", "#include \"storage/sqlite/connection.hpp\"\n"),
              SizeIs(1));
  EXPECT_THAT(check_includes("check/check_file.cpp", "#include \"engine/instance/retry.hpp\"\n"), SizeIs(1));
}

TEST(IncludeRules, AStoreKnowsWhatAllStoresShareAndNoOtherStore) {
  EXPECT_THAT(check_includes("storage/sqlite/store.cpp", "#include \"storage/rules.hpp\"\n"), IsEmpty());
  EXPECT_THAT(check_includes("storage/sqlite/store.cpp", "#include \"storage/sqlite/store.hpp\"\n"),
              IsEmpty());
  EXPECT_THAT(check_includes("storage/sqlite/store.cpp", "#include \"storage/postgres/store.hpp\"\n"),
              SizeIs(1));
  EXPECT_THAT(check_includes("storage/sqlite/store.cpp", "#include \"storage/memory/store.hpp\"\n"),
              SizeIs(1));
  EXPECT_THAT(check_includes("storage/rules.cpp", "#include \"storage/sqlite/store.hpp\"\n"), SizeIs(1));
}

TEST(IncludeRules, DriversStayInTheirFolder) {
  EXPECT_THAT(
      check_includes("storage/sqlite/store.cpp", "#include <SQLiteCpp/Database.h>\n#include <sqlite3.h>\n"),
      IsEmpty());
  EXPECT_THAT(check_includes("storage/memory/store.cpp", "#include <sqlite3.h>\n"), SizeIs(1));
  EXPECT_THAT(check_includes("engine/shell.cpp", "#include <SQLiteCpp/Database.h>\n"), SizeIs(1));
  EXPECT_THAT(check_includes("api/connections/server.cpp", "#include <boost/beast.hpp>\n"), IsEmpty());
  EXPECT_THAT(check_includes("engine/shell.cpp", "#include <boost/beast.hpp>\n"), SizeIs(1));
  EXPECT_THAT(check_includes("engine/shell.cpp", "#include <boost/asio/io_context.hpp>\n"), IsEmpty());
}

TEST(IncludeRules, PublicHeadersShowOnlyTheStandardLibraryJsonAndAsio) {
  EXPECT_THAT(check_includes("include/cairn/task.hpp", "#include <vector>\n#include <cairn/time.hpp>\n"),
              IsEmpty());
  EXPECT_THAT(check_includes("include/cairn/json.hpp", "#include <nlohmann/json_fwd.hpp>\n"), IsEmpty());
  EXPECT_THAT(check_includes("include/cairn/json.hpp", "#include <nlohmann/json.hpp>\n"), SizeIs(1));
  EXPECT_THAT(check_includes("include/cairn/codec.hpp", "#include <nlohmann/json.hpp>\n"), IsEmpty());
  EXPECT_THAT(check_includes("include/cairn/asio.hpp", "#include <boost/asio/awaitable.hpp>\n"), IsEmpty());
  EXPECT_THAT(check_includes("include/cairn/asio.hpp", "#include <boost/beast.hpp>\n"), SizeIs(1));
  EXPECT_THAT(check_includes("include/cairn/http.hpp", "#include <boost/beast.hpp>\n"), SizeIs(1));
  EXPECT_THAT(check_includes("include/cairn/engine.hpp", "#include <boost/asio/post.hpp>\n"), SizeIs(1));
  EXPECT_THAT(check_includes("include/cairn/engine.hpp", "#include \"engine/shell.hpp\"\n"), SizeIs(1));
  EXPECT_THAT(check_includes("include/cairn/engine.hpp", "#include <unistd.h>\n"), SizeIs(1));
}

TEST(IncludeRules, ExamplesUseWhatAnyHostProgramHas) {
  EXPECT_THAT(check_includes("examples/hello.cpp", "#include <cairn/cairn.hpp>\n#include <cstdio>\n"),
              IsEmpty());
  EXPECT_THAT(check_includes("examples/verify_packages/digest.cpp",
                             "#include \"digest.hpp\"\n#include <openssl/evp.h>\n"),
              IsEmpty());
  EXPECT_THAT(check_includes("examples/hello.cpp", "#include <boost/asio.hpp>\n"), SizeIs(1));
  EXPECT_THAT(check_includes("examples/hello.cpp", "#include \"engine/conductor/conductor.hpp\"\n"),
              SizeIs(1));
  EXPECT_THAT(check_includes("examples/hello.cpp", "#include \"../engine/conductor/conductor.hpp\"\n"),
              SizeIs(1));
}

TEST(IncludeRules, ProgramsAndBenchmarksAreClientsAndShareOneComparison) {
  EXPECT_THAT(check_includes("cli/bench.cpp", "#include \"benchmarks/batch_comparison.hpp\"\n"), IsEmpty());
  EXPECT_THAT(check_includes("cli/bench.cpp", "#include \"benchmarks/yardstick.hpp\"\n"), SizeIs(1));
  EXPECT_THAT(check_includes("cli/bench.cpp", "#include <sqlite3.h>\n"), SizeIs(1));
  EXPECT_THAT(check_includes("benchmarks/yardstick.cpp", "#include <sqlite3.h>\n"), IsEmpty());
  EXPECT_THAT(check_includes("benchmarks/a.cpp", "#include \"storage/sqlite/store.hpp\"\n"), SizeIs(1));
}

TEST(IncludeRules, AnyFormOfTheDirectiveIsSeenAndItsLineNamed) {
  const std::vector<Violation> found = check_includes("engine/a.cpp",
                                                      "// text\n  #  include  \"api/b.hpp\"  // why\n");
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].line, 2);
  EXPECT_EQ(found[0].message, "engine/ may not include api/b.hpp");
  EXPECT_THAT(check_includes("engine/a.cpp", "// #include \"api/b.hpp\"\n"), IsEmpty());
}

TEST(IncludeRules, TheHouseKeepsThem) {
  const std::vector<SourceFile> files = cpp_files(
      {"include", "values", "engine", "storage", "api", "check", "cli", "examples", "benchmarks"});
  ASSERT_FALSE(files.empty());
  std::vector<Violation> found;
  for (const SourceFile& file : files) {
    for (Violation& violation : check_includes(file.path, file.text)) found.push_back(std::move(violation));
  }
  EXPECT_THAT(found, IsEmpty());
}

TEST(SourceLists, AFileThatTheNearestListDoesNotNameIsFound) {
  const std::vector<SourceFile> lists{
      {"engine/CMakeLists.txt", "target_sources(\n  cairn\n  PRIVATE a.cpp\n  deep/b.cpp)\n"},
      {"tests/CMakeLists.txt", "add_library(common common.cpp)"},
      {"tests/engine/CMakeLists.txt", "cairn_add_test(engine SOURCES a_test.cpp)"}};
  EXPECT_THAT(
      check_listed({{"engine/a.cpp", ""}, {"engine/deep/b.cpp", ""}, {"tests/common.cpp", ""}}, lists),
      IsEmpty());
  EXPECT_THAT(check_listed({{"tests/engine/a_test.cpp", ""}}, lists), IsEmpty());
  EXPECT_THAT(check_listed({{"engine/b.cpp", ""}, {"tests/engine/common.cpp", ""}, {"api/a.cpp", ""}}, lists),
              SizeIs(3));
}

TEST(SourceLists, EveryPublicHeaderIsInstalledAndEverySourceBuilt) {
  std::vector<SourceFile> files = cpp_files({"include/cairn", "values", "engine", "storage", "api", "check",
                                             "cli", "examples", "benchmarks", "tests"});
  std::erase_if(files, [](const SourceFile& file) {
    return file.path.ends_with(".hpp") && !file.path.starts_with("include/");
  });
  std::vector<SourceFile> lists = text_files({"include/cairn", "values", "engine", "storage", "api", "check",
                                              "cli", "examples", "benchmarks", "tests"});
  std::erase_if(lists, [](const SourceFile& file) { return !file.path.ends_with("/CMakeLists.txt"); });
  EXPECT_THAT(check_listed(files, lists), IsEmpty());
}

}  // namespace
}  // namespace house
