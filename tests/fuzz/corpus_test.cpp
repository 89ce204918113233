// Every input that is kept, through its target: those that a fuzzer begins with, and those that it has found.

#include "tests/fuzz/targets.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

namespace cairn::fuzz {
namespace {

void feed(const std::string& name, void (*target)(Bytes)) {
  std::size_t inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator{CAIRN_CORPUS "/" + name}) {
    std::ifstream file{entry.path(), std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    const std::vector<std::uint8_t> bytes{text.begin(), text.end()};
    ++inputs;
    try {
      target(bytes);
    } catch (const std::exception& fault) {
      ADD_FAILURE() << entry.path() << ": " << fault.what();
    }
  }
  EXPECT_GT(inputs, 0U);
  std::cout << inputs << " inputs\n";
}

TEST(Corpus, OfHttpIsAnsweredAlikeHoweverItComes) {
  feed("http", http);
}

TEST(Corpus, OfJsonIsReadBackAsItWasWritten) {
  feed("json_text", json_text);
}

TEST(Corpus, OfDurationsIsReadBackAsItWasWritten) {
  feed("duration", duration);
}

TEST(Corpus, OfIdsIsJudgedByTheRules) {
  feed("id", id);
}

TEST(Corpus, OfCursorsIsReadBackAsItWasWritten) {
  feed("cursor", cursor);
}

TEST(Corpus, OfTimesIsReadBackAsItWasWritten) {
  feed("time", time);
}

TEST(Corpus, OfDamagedFilesIsReadOrRefused) {
  feed("file", file);
}

}  // namespace
}  // namespace cairn::fuzz
