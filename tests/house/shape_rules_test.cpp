#include "tests/house/shape_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace house {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<SourceFile> library() {
  return cpp_files({"include", "values", "engine", "storage", "api", "check", "cli"});
}

TEST(FunctionLength, IsCountedFromTheHeadToTheBrace) {
  const std::string function =
      "int f(int a,\n      int b) {\n  if (a) {\n  }\n  const auto g = [] {\n  };\n}\n";
  EXPECT_THAT(check_functions("a.cpp", function, 7), IsEmpty());
  EXPECT_THAT(check_functions("a.cpp", function, 6), SizeIs(1));
  EXPECT_THAT(check_functions("a.cpp", "struct A {\n  void f() const {\n\n\n  }\n};\n", 3), SizeIs(1));
  EXPECT_THAT(check_functions(
                  "a.cpp", "class A\n{\n\n\n\n};\nnamespace b {\n\n\n\n}\nint a[] = {\n1,\n2,\n3,\n};\n", 3),
              IsEmpty());
}

TEST(FunctionLength, NoFunctionOfTheLibraryHasMoreThan70Lines) {
  std::vector<Violation> found;
  for (const SourceFile& file : library()) {
    for (Violation& violation : check_functions(file.path, file.text, 70))
      found.push_back(std::move(violation));
  }
  EXPECT_THAT(found, IsEmpty());
}

TEST(Circles, AreFoundOverSeveral) {
  EXPECT_THAT(find_circle({{"a", {"b"}}, {"b", {"c", "d"}}, {"c", {}}, {"d", {"b"}}}),
              ElementsAre("b", "d", "b"));
  EXPECT_THAT(find_circle({{"a", {"b", "c"}}, {"b", {"c"}}, {"c", {}}}), IsEmpty());
}

TEST(Circles, OfFoldersGoThroughTheFilesInThem) {
  const Includes files = includes_of({{"a/x.hpp", "#include \"b/y.hpp\"\n"},
                                      {"b/y.hpp", "#include \"b/detail/w.hpp\"\n"},
                                      {"b/detail/w.hpp", "#include <cairn/z.hpp>\n"},
                                      {"b/z.cpp", "#include \"a/x.hpp\"\n"},
                                      {"include/cairn/z.hpp", "#include <vector>\n"}});
  EXPECT_THAT(find_circle(files), IsEmpty());
  EXPECT_THAT(find_circle(folders_of(files)), ElementsAre("a", "b", "a"));
}

TEST(Circles, ThereAreNoneAmongFiles) {
  EXPECT_THAT(find_circle(includes_of(library())), IsEmpty());
}

TEST(Circles, ThereAreNoneAmongFolders) {
  EXPECT_THAT(find_circle(folders_of(includes_of(library()))), IsEmpty());
}

}  // namespace
}  // namespace house
