#include "examples/verify_packages/instance_id.hpp"

#include <cairn/id.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>

namespace verify {
namespace {

using ::testing::SizeIs;
using ::testing::StartsWith;

// Names made of few different characters, many of them awkward, so that an ambiguous encoding would soon
// collide.
std::string random_name(std::mt19937_64& random) {
  static constexpr std::string_view characters = "ab2_-+:.hfH\xff";
  std::uniform_int_distribution<std::size_t> length{1,
                                                    random() % 10 == 0 ? std::size_t{300} : std::size_t{6}};
  std::uniform_int_distribution<std::size_t> character{0, characters.size() - 1};
  std::string name(length(random), '\0');
  for (char& each : name) each = characters[character(random)];
  return name;
}

TEST(InstanceId, ReadsLikeThePackage) {
  EXPECT_EQ(package_instance_id(12, "coreutils"), "12-coreutils");
  EXPECT_EQ(package_instance_id(1, "linux-image-6.1.0-9-amd64"), "1-linux-image-6_2e1_2e0-9-amd64");
  EXPECT_EQ(package_instance_id(1, "libstdc++6:amd64"), "1-libstdc_2b_2b6_3aamd64");
}

TEST(InstanceId, EscapesItsOwnEscape) {
  EXPECT_EQ(package_instance_id(1, "a_2b"), "1-a_5f2b");
}

TEST(InstanceId, KeepsANameThatFitsExactly) {
  EXPECT_EQ(package_instance_id(1, std::string(98, 'a')), "1-" + std::string(98, 'a'));
}

TEST(InstanceId, CutsALongNameAndMarksIt) {
  const std::string id = package_instance_id(1, std::string(99, 'a'));
  EXPECT_THAT(id, SizeIs(100));
  EXPECT_THAT(id, StartsWith("1-" + std::string(32, 'a') + "_h"));
}

TEST(InstanceId, DoesNotCutAnEscapeInTwo) {
  const std::string id = package_instance_id(1, std::string(99, '+'));
  EXPECT_EQ(id.find("_h"), 2 + 3 * 10);
}

TEST(InstanceId, TellsLongNamesApartThatDifferAtTheEnd) {
  EXPECT_NE(package_instance_id(1, std::string(200, 'a') + "b"),
            package_instance_id(1, std::string(200, 'a') + "c"));
}

TEST(InstanceId, IsLegalForEveryName) {
  std::mt19937_64 random{1};
  for (int i = 0; i < 10'000; ++i) {
    const std::string name = random_name(random);
    const std::string id = package_instance_id(static_cast<std::int64_t>(random() >> 1), name);
    EXPECT_NO_THROW(cairn::check_instance_id(id)) << id;
  }
}

TEST(InstanceId, IsDifferentForEveryPairOfAuditAndName) {
  std::mt19937_64 random{2};
  std::map<std::string, std::pair<std::int64_t, std::string>> names;
  for (int i = 0; i < 50'000; ++i) {
    const std::pair<std::int64_t, std::string> meant{1 + static_cast<std::int64_t>(random() % 12),
                                                     random_name(random)};
    const auto [entry, fresh] = names.emplace(package_instance_id(meant.first, meant.second), meant);
    EXPECT_EQ(entry->second, meant) << entry->first;
  }
}

TEST(InstanceId, IsDifferentForTheCutFormOfAnotherName) {
  const std::string cut = package_instance_id(1, std::string(99, 'a'));
  EXPECT_NE(package_instance_id(1, cut.substr(2)), cut);
}

TEST(InstanceId, RefusesWhatNamesNoPackage) {
  EXPECT_THROW(static_cast<void>(package_instance_id(0, "a")), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(package_instance_id(1, "")), std::invalid_argument);
}

TEST(InstanceId, OfAnAuditGivesItsNumberBack) {
  EXPECT_EQ(audit_instance_id(12), "audit-12");
  EXPECT_EQ(audit_number("audit-12"), 12);
}

TEST(InstanceId, OfSomethingElseGivesNoNumber) {
  for (const char* id :
       {"audit-", "audit-x", "audit-1x", "audit-0", "audit--1", "12", "", "audit-99999999999999999999"}) {
    EXPECT_EQ(audit_number(id), std::nullopt) << id;
  }
}

}  // namespace
}  // namespace verify
