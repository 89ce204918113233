#include "examples/verify_packages/file_hash.hpp"

#include "examples/verify_packages/digest.hpp"
#include "examples/verify_packages/root.hpp"
#include "tests/examples/fake_root.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <filesystem>
#include <string>

namespace verify {
namespace {

TEST(Digest, MatchesTheTestVectors) {
  EXPECT_EQ(md5_of(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(md5_of("abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(sha256_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(FileHash, IsTheMd5OfTheContent) {
  const FakeRoot fake;
  fake.write("a", "abc");
  const FileHash hash = hash_file(fake.path("a"));
  EXPECT_EQ(hash.state, FileState::read);
  EXPECT_EQ(hash.md5, "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(hash.bytes, 3);
}

TEST(FileHash, OfAnEmptyFileIsThatOfNothing) {
  const FakeRoot fake;
  fake.write("a", "");
  EXPECT_EQ(hash_file(fake.path("a")).md5, md5_of(""));
}

TEST(FileHash, CoversAFileThatIsLargerThanTheBuffer) {
  const FakeRoot fake;
  std::string content(200'001, 'x');
  content[150'000] = 'y';
  fake.write("a", content);
  EXPECT_EQ(hash_file(fake.path("a")).md5, md5_of(content));
  EXPECT_EQ(hash_file(fake.path("a")).bytes, 200'001);
}

TEST(FileHash, MissesWhatIsNotThere) {
  const FakeRoot fake;
  fake.write("file", "");
  EXPECT_EQ(hash_file(fake.path("absent")).state, FileState::missing);
  EXPECT_EQ(hash_file(fake.path("file/below")).state, FileState::missing);
}

TEST(FileHash, CallsAnythingButARegularFileUnreadable) {
  const FakeRoot fake;
  fake.write("folder/file", "");
  fake.link("folder/file", "link");
  ASSERT_EQ(::mkfifo(fake.path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(hash_file(fake.path("folder")).state, FileState::unreadable);
  EXPECT_EQ(hash_file(fake.path("folder")).reason, "is a directory");
  EXPECT_EQ(hash_file(fake.path("link")).reason, "is a symbolic link");
  EXPECT_EQ(hash_file(fake.path("pipe")).reason, "is a pipe");
  EXPECT_EQ(hash_file("/dev/null").reason, "is a device");
}

TEST(FileHash, KnowsTheSizeOfRegularFilesOnly) {
  const FakeRoot fake;
  fake.write("folder/file", "12345");
  EXPECT_EQ(size_of(fake.path("folder/file")), 5);
  EXPECT_EQ(size_of(fake.path("folder")), 0);
  EXPECT_EQ(size_of(fake.path("absent")), 0);
}

TEST(Root, PutsEveryPathBelowItsFolder) {
  const FakeRoot fake;
  const Root root{fake.folder()};
  EXPECT_EQ(root.locate("/usr/bin/a"), fake.path("usr/bin/a"));
  EXPECT_EQ(root.locate("usr/bin/a"), fake.path("usr/bin/a"));
  EXPECT_EQ(root.locate("./usr//bin/./a"), fake.path("usr/bin/a"));
}

TEST(Root, FollowsLinksAmongTheFolders) {
  const FakeRoot fake;
  fake.write("usr/bin/a", "");
  fake.link("usr/bin", "bin");
  EXPECT_EQ(Root{fake.folder()}.locate("bin/a"), fake.path("usr/bin/a"));
}

TEST(Root, KeepsAbsoluteLinksInside) {
  const FakeRoot fake;
  fake.write("usr/lib/a", "");
  fake.link("/usr/lib", "deep/lib");
  EXPECT_EQ(Root{fake.folder()}.locate("deep/lib/a"), fake.path("usr/lib/a"));
}

TEST(Root, DoesNotLetDotsLeadOut) {
  const FakeRoot fake;
  fake.write("usr/a", "");
  fake.link("../../../../usr", "deep/up");
  const Root root{fake.folder()};
  EXPECT_EQ(root.locate("../../../etc/passwd"), fake.path("etc/passwd"));
  EXPECT_EQ(root.locate("deep/up/a"), fake.path("usr/a"));
}

TEST(Root, DoesNotFollowTheLastPart) {
  const FakeRoot fake;
  fake.link("elsewhere", "usr/link");
  EXPECT_EQ(Root{fake.folder()}.locate("usr/link"), fake.path("usr/link"));
}

TEST(Root, RefusesLinksThatRunInACircle) {
  const FakeRoot fake;
  fake.link("b", "a");
  fake.link("a", "b");
  EXPECT_THROW(static_cast<void>(Root{fake.folder()}.locate("a/file")), std::filesystem::filesystem_error);
}

}  // namespace
}  // namespace verify
