#pragma once

#include <cairn/cairn.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace cairn::testing {

// How a run of the real program ended.
struct Ran {
  int status = -1;  // exit status; 128 + signal when it was killed
  std::string out;
  std::string err;
};

// A folder with a cairn file, and the real program as a child process.
class CliTest : public ::testing::Test {
 protected:
  CliTest();
  ~CliTest() override;

  enum class As : std::uint8_t { ourselves, nobody };
  // `nobody`: when we are root, who may write everything, the folder is given to that user, and run as such.
  [[nodiscard]] Ran run(const std::vector<std::string>& arguments, As who = As::ourselves) const;

  [[nodiscard]] std::filesystem::path file() const { return folder_ / "store.db"; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

  // An engine on the file with the workflow "audits"; it stands at `now` if that is given.
  [[nodiscard]] std::unique_ptr<Engine> open(std::optional<Time> now = std::nullopt) const;

  // Makes the file, with these instances of "audits": they have ended at `now`, and are kept for a second.
  void make_file(const std::vector<std::string>& ids, std::optional<Time> now = std::nullopt) const;

 private:
  std::filesystem::path folder_;
};

[[nodiscard]] Time wall_clock();

// Every file of the folder with its bytes, to see that nothing has changed.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> contents(const std::filesystem::path& folder);

[[nodiscard]] std::string read_text(const std::filesystem::path& file);
void write_text(const std::filesystem::path& file, const std::string& text);

}  // namespace cairn::testing
