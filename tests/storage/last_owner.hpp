#pragma once

#include "tests/refusal.hpp"
#include "tests/storage/owned_file.hpp"

#include <cairn/open.hpp>

#include <gmock/gmock.h>

#include <filesystem>
#include <string>

namespace cairn::testing {

/// What an owner finds that comes after one that was killed.
class LastOwnerTest : public OwnedFile {
 protected:
  // Twenty instances of an owner that was killed then.
  void SetUp() override {
    open();
    create(20);
    killed_ = leave_as_killed(elsewhere_);
  }
  [[nodiscard]] const std::filesystem::path& killed() const { return killed_; }
  [[nodiscard]] std::filesystem::path killed_log() const { return killed_.string() + "-wal"; }
  [[nodiscard]] std::filesystem::path killed_lock() const { return killed_.string() + ".lock"; }
  [[nodiscard]] std::filesystem::path near_killed(const std::string& name) const {
    return killed_.parent_path() / name;
  }

  static std::string expect_refused(const std::filesystem::path& name) {
    const auto [code, message] = refusal([&] { static_cast<void>(open_sqlite(name)); });
    EXPECT_EQ(code, Errc::not_a_cairn_file);
    EXPECT_THAT(message, ::testing::HasSubstr(name.string()));
    return message;
  }

 private:
  Folder elsewhere_;
  std::filesystem::path killed_;
};

}  // namespace cairn::testing
