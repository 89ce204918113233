#include "tests/crash/strace_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace cairn::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<SystemCall> parse(const std::string& log) {
  std::istringstream input{log};
  return parse_strace(input);
}

TEST(Strace, ACallInOneLineIsRead) {
  const auto calls = parse("12 pwrite64(5</tmp/x.db-wal>, \"a\\0\\\"b) = 7\"..., 24, 4152) = 24\n");
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_EQ(calls[0].name, "pwrite64");
  EXPECT_EQ(calls[0].file, "/tmp/x.db-wal");
  EXPECT_EQ(calls[0].content, "a\\0\\\"b) = 7");
  EXPECT_EQ(calls[0].offset, 4152);
  EXPECT_EQ(calls[0].result, 24);
}

TEST(Strace, ACallThatOthersInterruptSpansTheirLines) {
  const auto calls = parse(
      "12 fdatasync(5</x.db-wal> <unfinished ...>\n"
      "13 write(1</out>, \"hello\\n\", 6) = 6\n"
      "12 <... fdatasync resumed>) = 0\n");
  ASSERT_THAT(calls, SizeIs(2));
  EXPECT_EQ(calls[0].name, "write");
  EXPECT_EQ(calls[1].file, "/x.db-wal");
  EXPECT_EQ(calls[1].entered, 1U);
  EXPECT_EQ(calls[1].returned, 3U);
}

TEST(Strace, AnInterruptedWriteKeepsItsArguments) {
  const auto calls = parse(
      "12 pwrite64(5</x.db-wal>, \"abc\", 3, 0 <unfinished ...>\n"
      "12 <... pwrite64 resumed>) = 3\n");
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_EQ(calls[0].content, "abc");
  EXPECT_EQ(calls[0].offset, 0);
}

TEST(Strace, AFailedCallHasItsResult) {
  EXPECT_EQ(parse("12 fsync(5</x>) = -1 EIO (Input/output error)\n").at(0).result, -1);
}

TEST(Strace, SignalsAndExitsAreNoCalls) {
  EXPECT_THAT(parse("12 --- SIGCHLD {si_signo=SIGCHLD} ---\n12 +++ exited with 0 +++\n"), IsEmpty());
}

TEST(Strace, WhatIsNoLineOfItIsRefused) {
  EXPECT_THROW(parse("strace: attach: ptrace failed\n"), std::runtime_error);
  EXPECT_THROW(parse("12 <... fdatasync resumed>) = 0\n"), std::runtime_error);
}

TEST(Flushes, AreToldApartByWhatWasWrittenBefore) {
  const Flushes flushes = count_flushes(parse("1 pwrite64(4</x.db-wal>, \"h\", 32, 0) = 32\n"
                                              "1 fdatasync(4</x.db-wal>) = 0\n"
                                              "1 pwrite64(4</x.db-wal>, \"f\", 24, 32) = 24\n"
                                              "1 fdatasync(4</x.db-wal>) = 0\n"
                                              "1 fdatasync(4</x.db-wal>) = 0\n"
                                              "1 pwrite64(3</x.db>, \"p\", 4096, 0) = 4096\n"
                                              "1 fdatasync(3</x.db>) = 0\n"
                                              "1 fdatasync(7</y.db-wal>) = 0\n"),
                                        "/x.db");
  EXPECT_EQ(flushes.log_headers, 1);
  EXPECT_EQ(flushes.transactions, 1);
  EXPECT_EQ(flushes.before_checkpoints, 1);
  EXPECT_EQ(flushes.database, 1);
}

TEST(Acknowledgement, BehindTheFlushIsInTime) {
  const auto calls = parse(
      "1 pwrite64(4</x.db-wal>, \"..word-1..\", 24, 32) = 24\n"
      "1 fdatasync(4</x.db-wal>) = 0\n"
      "2 write(1</out>, \"ack word-1\\n\", 11) = 11\n");
  EXPECT_EQ(count_acknowledgements(calls, "/out"), 1U);
  EXPECT_THAT(acknowledged_too_early(calls, "/x.db", "/out"), IsEmpty());
}

TEST(Acknowledgement, BeforeTheFlushHasReturnedIsTooEarly) {
  const auto calls = parse(
      "1 pwrite64(4</x.db-wal>, \"..word-1..\", 24, 32) = 24\n"
      "1 fdatasync(4</x.db-wal> <unfinished ...>\n"
      "2 write(1</out>, \"ack word-1\\n\", 11) = 11\n"
      "1 <... fdatasync resumed>) = 0\n");
  EXPECT_THAT(acknowledged_too_early(calls, "/x.db", "/out"), ElementsAre("word-1"));
}

TEST(Acknowledgement, WithAFlushThatBeganBeforeTheWriteIsTooEarly) {
  const auto calls = parse(
      "1 fdatasync(4</x.db-wal> <unfinished ...>\n"
      "2 pwrite64(4</x.db-wal>, \"..word-1..\", 24, 32) = 24\n"
      "1 <... fdatasync resumed>) = 0\n"
      "2 write(1</out>, \"ack word-1\\n\", 11) = 11\n");
  EXPECT_THAT(acknowledged_too_early(calls, "/x.db", "/out"), ElementsAre("word-1"));
}

TEST(Acknowledgement, OfWhatWasNeverWrittenIsTooEarly) {
  const auto calls = parse("2 write(1</out>, \"ack word-1\\n\", 11) = 11\n");
  EXPECT_THAT(acknowledged_too_early(calls, "/x.db", "/out"), ElementsAre("word-1"));
}

}  // namespace
}  // namespace cairn::testing
