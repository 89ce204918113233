#include "tests/values/refusal.hpp"

#include <cairn/id.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {
namespace {

using tests::is_presentable;
using tests::refusal;

template <class Check>
std::string refusal_of(Check check, std::string_view text) {
  return refusal([&] {
    check(text);
    return 0;
  });
}

const auto instance_id = [](std::string_view id) { check_instance_id(id); };
const auto workflow_name = [](std::string_view name) { check_workflow_name(name); };
const auto event_type = [](std::string_view type) { check_event_type(type); };
const auto version_tag = [](std::string_view tag) { check_version_tag(tag); };
const auto step_name = [](std::string_view name) { check_step_name(name); };

TEST(InstanceId, TakesLettersDigitsUnderscoreAndHyphen) {
  for (const std::string id :
       {"a", "Z", "0", "_", "a-", "_-", "order-1", "01890a5d-ac96-774b-bcce-b302099a8057", "Batch", "batch1",
        "TERMINATE", "terminateall", "cf_", "cf_0123"}) {
    EXPECT_NO_THROW(check_instance_id(id)) << id;
  }
  EXPECT_NO_THROW(check_instance_id(std::string(100, 'x')));
}

TEST(InstanceId, RefusesBadLengths) {
  EXPECT_EQ(refusal_of(instance_id, std::string(105, 'x')),
            "instance_id: must be 1 to 100 characters of A-Z a-z 0-9 _ -, not starting with '-'; got 105 "
            "characters");
  EXPECT_EQ(
      refusal_of(instance_id, ""),
      "instance_id: must be 1 to 100 characters of A-Z a-z 0-9 _ -, not starting with '-'; got 0 characters");
  EXPECT_PRED1(is_presentable, refusal_of(instance_id, std::string(101, 'x')));
  EXPECT_PRED1(is_presentable, refusal_of(instance_id, std::string(10'000'000, '\xff')));
}

TEST(InstanceId, NamesTheFirstByteThatDoesNotBelong) {
  EXPECT_EQ(refusal_of(instance_id, "not fine!"),
            "instance_id: must be 1 to 100 characters of A-Z a-z 0-9 _ -, not starting with '-'; got ' ' at "
            "position 3");
  EXPECT_EQ(refusal_of(instance_id, "-a"),
            "instance_id: must be 1 to 100 characters of A-Z a-z 0-9 _ -, not starting with '-'; got '-' at "
            "position 0");
  EXPECT_EQ(refusal_of(instance_id, "gr\xc3\xb6sse"),
            "instance_id: must be 1 to 100 characters of A-Z a-z 0-9 _ -, not starting with '-'; got '\\xc3' "
            "at position "
            "2");
  EXPECT_NE(refusal_of(instance_id, std::string_view{"a\0b", 3}).find("got '\\x00' at position 1"),
            std::string::npos);
  EXPECT_NE(refusal_of(instance_id, "it's").find("got '\\'' at position 2"), std::string::npos);
}

TEST(InstanceId, JudgesEachByteOnItsOwn) {
  static constexpr std::string_view allowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  for (int byte = 0; byte < 256; ++byte) {
    const std::string id{'x', static_cast<char>(byte)};
    if (allowed.find(static_cast<char>(byte)) != std::string_view::npos) {
      EXPECT_NO_THROW(check_instance_id(id)) << byte;
    } else {
      EXPECT_PRED1(is_presentable, refusal_of(instance_id, id)) << byte;
    }
  }
}

TEST(InstanceId, RefusesReservedWords) {
  for (const std::string id : {"batch", "terminate", "terminateAll"}) {
    EXPECT_EQ(refusal_of(instance_id, id),
              "instance_id: must not be one of the reserved words batch, terminate, terminateAll; got '" +
                  id + "'");
  }
}

TEST(InstanceId, RefusesTheFormThatIsReservedForHashes) {
  const std::string digits = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  EXPECT_EQ(
      refusal_of(instance_id, "cf_" + digits),
      "instance_id: must not be 'cf_' followed by 64 lower-case hexadecimal digits, which is reserved; got "
      "'cf_012345678...'");
  EXPECT_NO_THROW(check_instance_id("cf_" + digits + "0"));
  EXPECT_NO_THROW(check_instance_id("cf_" + digits.substr(1)));
  EXPECT_NO_THROW(check_instance_id("CF_" + digits));
  EXPECT_NO_THROW(check_instance_id("cf_A" + digits.substr(1)));
  EXPECT_NO_THROW(check_instance_id("cf_g" + digits.substr(1)));
}

TEST(InstanceId, IsNamedAsTheCallerNamesIt) {
  EXPECT_EQ(refusal([] {
              check_instance_id("?", "entries[7].id");
              return 0;
            }).substr(0, 16),
            "entries[7].id: m");
}

TEST(WorkflowName, HasTheCharactersOfAnIdUpTo64) {
  EXPECT_NO_THROW(check_workflow_name("orders"));
  EXPECT_NO_THROW(check_workflow_name("batch"));
  EXPECT_NO_THROW(check_workflow_name(std::string(64, 'x')));
  EXPECT_EQ(refusal_of(workflow_name, std::string(65, 'x')),
            "workflow_name: must be 1 to 64 characters of A-Z a-z 0-9 _ -, not starting with '-'; got 65 "
            "characters");
  for (const std::string name : {"", "-", "a b", "a/b", "a.b", "ä"}) {
    EXPECT_PRED1(is_presentable, refusal_of(workflow_name, name)) << name;
  }
}

TEST(EventType, HasTheCharactersOfAnIdUpTo100) {
  EXPECT_NO_THROW(check_event_type("approved"));
  EXPECT_NO_THROW(check_event_type("terminate"));
  EXPECT_NO_THROW(check_event_type(std::string(100, 'x')));
  EXPECT_EQ(refusal_of(event_type, std::string(101, 'x')),
            "event_type: must be 1 to 100 characters of A-Z a-z 0-9 _ -, not starting with '-'; got 101 "
            "characters");
  EXPECT_PRED1(is_presentable, refusal_of(event_type, "order.approved"));
}

TEST(VersionTag, IsPrintableAscii) {
  EXPECT_NO_THROW(check_version_tag("2"));
  EXPECT_NO_THROW(check_version_tag("v1.2.3+build 7 (main)~!"));
  EXPECT_NO_THROW(check_version_tag(std::string(100, '~')));
  EXPECT_EQ(refusal_of(version_tag, std::string(101, 'x')),
            "version: must be 1 to 100 characters of printable ASCII; got 101 bytes");
  EXPECT_EQ(refusal_of(version_tag, ""),
            "version: must be 1 to 100 characters of printable ASCII; got 0 bytes");
  EXPECT_EQ(refusal_of(version_tag, "1\n"),
            "version: must be 1 to 100 characters of printable ASCII; got '\\x0a' at position 1");
  for (int byte = 0; byte < 256; ++byte) {
    const std::string tag(1, static_cast<char>(byte));
    if (byte >= 0x20 && byte <= 0x7e) {
      EXPECT_NO_THROW(check_version_tag(tag)) << byte;
    } else {
      EXPECT_PRED1(is_presentable, refusal_of(version_tag, tag)) << byte;
    }
  }
}

TEST(StepName, IsAnyTextWithoutControlCharacters) {
  for (const std::string name :
       {"", "charge card", "größe prüfen", "検査", "\xf0\x9f\xaa\xa8", "a/b?c=d'\"\\", "-x"}) {
    EXPECT_NO_THROW(check_step_name(name)) << name;
  }
  EXPECT_NO_THROW(check_step_name(std::string(256, 'x')));
}

TEST(StepName, RefusesLengthControlCharactersAndBrokenUtf8) {
  EXPECT_EQ(refusal_of(step_name, std::string(257, 'x')),
            "step name: must be at most 256 bytes of UTF-8 without control characters; got 257 bytes");
  EXPECT_EQ(
      refusal_of(step_name, "two\nlines"),
      "step name: must be at most 256 bytes of UTF-8 without control characters; got '\\x0a' at position 3");
  EXPECT_EQ(
      refusal_of(step_name, "caf\xe9"),
      "step name: must be at most 256 bytes of UTF-8 without control characters; got '\\xe9' at position 3");
  for (int byte = 0; byte < 256; ++byte) {
    const std::string name{'x', static_cast<char>(byte)};
    if (byte >= 0x20 && byte <= 0x7e) {
      EXPECT_NO_THROW(check_step_name(name)) << byte;
    } else {
      EXPECT_PRED1(is_presentable, refusal_of(step_name, name)) << byte;
    }
  }
  for (int point = 0x80; point < 0x100; ++point) {  // C1 control characters end at U+009F
    const std::string name{static_cast<char>(0xc0 | (point >> 6)), static_cast<char>(0x80 | (point & 0x3f))};
    if (point >= 0xa0) {
      EXPECT_NO_THROW(check_step_name(name)) << point;
    } else {
      EXPECT_PRED1(is_presentable, refusal_of(step_name, name)) << point;
    }
  }
}

Uuid filled(std::uint8_t byte) {
  Uuid bytes;
  bytes.fill(byte);
  return bytes;
}

TEST(UuidV7, IsTheExampleOfTheRfc) {  // RFC 9562, A.6
  const Uuid random{0, 0, 0, 0, 0, 0, 0, 0, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f};
  EXPECT_EQ(make_uuid_v7(Time{Duration{0x017F22E279B0}}, 0xcc3, random),
            "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

TEST(UuidV7, HasVersionAndVariantWhateverTheBytes) {
  EXPECT_EQ(make_uuid_v7(Time{}, 0, filled(0x00)), "00000000-0000-7000-8000-000000000000");
  EXPECT_EQ(make_uuid_v7(Time{}, 0xffff, filled(0xff)), "00000000-0000-7fff-bfff-ffffffffffff");
  EXPECT_EQ(make_uuid_v7(Time{}, 0x1000, filled(0xff)), "00000000-0000-7000-bfff-ffffffffffff");
}

TEST(UuidV7, HoldsTimesOutsideItsRangeAtTheEnds) {
  EXPECT_EQ(make_uuid_v7(Time{Duration{-1}}, 0, filled(0)).substr(0, 13), "00000000-0000");
  EXPECT_EQ(make_uuid_v7(Time::min(), 0, filled(0)).substr(0, 13), "00000000-0000");
  EXPECT_EQ(make_uuid_v7(Time{Duration{(std::int64_t{1} << 48) - 1}}, 0, filled(0)).substr(0, 13),
            "ffffffff-ffff");
  EXPECT_EQ(make_uuid_v7(Time::max(), 0, filled(0)).substr(0, 13), "ffffffff-ffff");
}

TEST(UuidV7, SortsByTimeAndThenBySequence) {
  std::mt19937_64 random{5};
  std::vector<std::string> ids;
  for (std::int64_t ms = 1'700'000'000'000; ms < 1'700'000'000'100; ++ms) {
    for (std::uint16_t sequence = 0; sequence < 4096; sequence += 97) {
      Uuid bytes;
      for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
      ids.push_back(make_uuid_v7(Time{Duration{ms}}, sequence, bytes));
      ASSERT_NO_THROW(check_instance_id(ids.back()));
    }
  }
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
}

TEST(UuidV4, IsTheExampleOfTheRfc) {  // RFC 9562, A.3
  const Uuid random{0x91, 0x91, 0x08, 0xf7, 0x52, 0xd1, 0x33, 0x20,
                    0x5b, 0xac, 0xf8, 0x47, 0xdb, 0x41, 0x48, 0xa8};
  EXPECT_EQ(make_uuid_v4(random), "919108f7-52d1-4320-9bac-f847db4148a8");
}

TEST(UuidV4, HasVersionAndVariantWhateverTheBytes) {
  EXPECT_EQ(make_uuid_v4(filled(0x00)), "00000000-0000-4000-8000-000000000000");
  EXPECT_EQ(make_uuid_v4(filled(0xff)), "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

}  // namespace
}  // namespace cairn
